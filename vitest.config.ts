import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { mutantPlugins } from './scripts/mutants/plugin.mjs';

// vitest 5 starts on Node 20 and crashes when the first test fails.
if (Number(process.versions.node.split('.')[0]) < 22) {
  throw new Error(
    `The tests need Node 22 or newer, this is ${process.version}. ` +
      'npm installs one: use `npm test` or `npx vitest`, which run with it.',
  );
}

const root = fileURLToPath(new URL('./', import.meta.url));

// Package names lead to sources, as they do for the type checker: tests need no build.
const { paths } = JSON.parse(readFileSync(`${root}tsconfig.base.json`, 'utf8')).compilerOptions as {
  paths: Record<string, [string]>;
};
const alias = Object.entries(paths).map(([name, [file]]) => ({
  find: new RegExp(`^${name}$`),
  replacement: root + file.slice('./'.length),
}));

const chromium = findChromium();

function findChromium(): string | undefined {
  const path = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  if (existsSync(path)) return path;
  const reason = `there is no Chromium at ${path}; install it, or set CHROMIUM_PATH`;
  if (process.env.HAWSER_REQUIRE_BROWSER === '1') throw new Error(`HAWSER_REQUIRE_BROWSER is set, but ${reason}`);
  console.warn(`\nBrowser tests are SKIPPED: ${reason}.\n`);
  return undefined;
}

function serversOf(folder: string): string[] {
  return readdirSync(root + folder)
    .map((name) => `${folder}/${name}/test/global-setup.ts`)
    .filter((file) => existsSync(root + file));
}

const dom = '**/*.dom.test.{ts,tsx}';
const browser = '**/*.browser.test.{ts,tsx}';
const exclude = ['**/node_modules/**', '**/dist/**'];
const within = (pattern: string): string[] => [`packages/*/{src,test}/${pattern}`, `examples/*/${pattern}`];

export default defineConfig({
  plugins: mutantPlugins(),
  resolve: { alias },
  test: {
    // vitest keeps transformed modules on disk and leaves our plugin out of the key: a planted fault would stay in every
    // later run, and a sound source would hide the next fault.
    fsModuleCache: false,
    // A package may bring servers of its own, for tests that run in a browser and cannot start one.
    globalSetup: ['scripts/vitest/echo-server.ts', ...serversOf('packages'), ...serversOf('examples')],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      exclude: ['**/*.test.*', '**/*.test-d.*'],
      reporter: ['text', 'json-summary'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: [...within('**/*.test.{ts,tsx}'), 'scripts/**/*.test.ts', 'docs/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...exclude, dom, browser],
        },
      },
      {
        extends: true,
        test: { name: 'dom', environment: 'jsdom', include: within(dom), exclude },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            checker: 'tsc',
            include: [...within('**/*.test-d.{ts,tsx}'), 'docs/**/*.test-d.ts'],
            exclude,
            tsconfig: './tsconfig.types.json',
          },
        },
      },
      ...(chromium
        ? [
            {
              extends: true as const,
              // Found late, a dependency makes vite reload the page in the middle of a test.
              optimizeDeps: {
                include: [
                  'isomorphic-ws',
                  'react',
                  'react-dom',
                  'react-dom/client',
                  'react/jsx-runtime',
                  'react/jsx-dev-runtime',
                  '@testing-library/react',
                  'rxjs',
                  'zod',
                  'msgpackr',
                ],
              },
              test: {
                name: 'browser',
                include: within(browser),
                exclude,
                browser: {
                  enabled: true,
                  headless: true,
                  screenshotFailures: false,
                  provider: playwright({
                    launchOptions: {
                      executablePath: chromium,
                      args: [
                        '--no-sandbox',
                        '--disable-gpu',
                        '--disable-quic',
                        '--no-first-run',
                        '--disable-background-networking',
                        '--disable-component-update',
                        '--disable-sync',
                        '--disable-dev-shm-usage',
                      ],
                    },
                  }),
                  instances: [{ browser: 'chromium' as const }],
                },
              },
            },
          ]
        : []),
    ],
  },
});
