import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { samplesOf, type Sample } from './samples.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
// Inside the repository, so that package names and the compiler's settings are found.
const folder = `${root}.artifacts/samples/`;
const documents = globSync(['README.md', 'packages/*/README.md', 'examples/*/README.md', 'docs/*.md'], { cwd: root });
const samples = documents.flatMap((document) => samplesOf(root, document, ['ts', 'tsx']));
/** What samples of the packages may import beside what they show. */
const fixtures = {
  'contract.ts': 'packages/core/test/api/contract.ts',
  'client.ts': 'docs/fixtures/client.ts',
  'hooks.ts': 'docs/fixtures/hooks.ts',
};

const pathOf = ({ document, name }: Sample): string => `${folder}${document.replaceAll(/[^\w]+/g, '-')}/${name}`;

function named(document: string, name: string): Sample {
  const sample = samples.find((candidate) => candidate.document === document && candidate.name === name);
  if (sample === undefined) throw new Error(`${document} has no sample ${name}`);
  return sample;
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const sample of samples) {
    mkdirSync(pathOf(sample).replace(/[^/]+$/, ''), { recursive: true });
    // Samples are modules of their own, also those that import nothing.
    writeFileSync(
      pathOf(sample),
      /^(import|export) /m.test(sample.code) ? sample.code : `${sample.code}\nexport {};\n`,
    );
  }
  for (const document of documents.filter((path) => path.startsWith('packages/'))) {
    for (const [fixture, source] of Object.entries(fixtures)) {
      const path = pathOf({ document, name: fixture, language: 'ts', code: '', line: 0 });
      if (!existsSync(path)) cpSync(root + source, path, { recursive: true });
    }
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('samples in the documentation', () => {
  it('are there', () => {
    expect(samples.filter((sample) => sample.document === 'README.md').map((sample) => sample.name)).toEqual([
      'quick-start.ts',
      'app.tsx',
      'peak.ts',
    ]);
  });

  it('compile, strict', () => {
    const config = {
      extends: `${root}tsconfig.base.json`,
      compilerOptions: {
        types: ['node'],
        jsx: 'react-jsx',
        declaration: false,
        isolatedDeclarations: false,
        noUnusedLocals: false,
        noEmit: true,
      },
      files: samples.map(pathOf),
    };
    writeFileSync(`${folder}tsconfig.json`, JSON.stringify(config));
    const { stdout, stderr } = spawnSync('npx', ['--no-install', 'tsc', '-p', `${folder}tsconfig.json`], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stdout, stderr).toBe('');
  }, 60_000);

  it('run: the quick start prints what the README says', async () => {
    const { code } = named('README.md', 'quick-start.ts');
    // Imports, blank lines and the output do not count as the thirty lines of the quick start.
    const lines = code.split('\n').filter((line) => line !== '' && !/^(import|\/\/) ?/.test(line));
    expect(lines.length).toBeLessThanOrEqual(30);
    await expectToPrint('README.md', 'quick-start.ts');
  }, 60_000);

  it.each(['calls', 'streams', 'uploads', 'pool'])(
    'run: that of %s prints what the document says',
    async (kind) => {
      await expectToPrint(`docs/${kind}.md`, `${kind}.ts`);
    },
    60_000,
  );

  /** Runs a sample and compares with the first text block of its document. */
  async function expectToPrint(document: string, name: string): Promise<void> {
    const [output] = samplesOf(root, document, ['text']);
    const printed: string[] = [];
    const { format } = await import('node:util');
    const log = vi.spyOn(console, 'log').mockImplementation((...args) => void printed.push(format(...args)));
    await import(pathOf(named(document, name)));
    log.mockRestore();
    expect(`${printed.join('\n')}\n`).toBe(output?.code);
  }
});
