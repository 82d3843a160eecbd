// One build for every package: ESM and CJS, each with its own declarations.
import { readFileSync, rmSync } from 'node:fs';
import { dts } from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';
import { forBrowsers } from './scripts/build/for-browsers.mjs';

/**
 * @param {Record<string, string>} entries output name to source file
 * @param {{ banner?: string, browser?: string[] }} [options] `browser` names the entries that also get a
 *   build for production browsers. `banner` is put at the top of every JavaScript file: Rollup drops a
 *   `'use client'` directive from sources, so it has to come back this way.
 */
export function configFor(entries, { banner = '', browser } = {}) {
  // Chunk names carry hashes, so yesterday's chunks would otherwise stay and be published.
  rmSync('dist', { recursive: true, force: true });
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const names = [
    manifest.name,
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
  ];
  const external = (id) => id.startsWith('node:') || names.some((name) => id === name || id.startsWith(`${name}/`));
  const chunks = 'chunks/[name]-[hash]';
  // isomorphic-ws is CommonJS in Node and ESM with only a default export in browsers; of Rollup's interop
  // modes 'auto' and 'compat' alone suit both.
  const interop = 'auto';
  const onwarn = (warning) => {
    throw new Error(`${warning.code}: ${warning.message}`);
  };

  return [
    {
      input: entries,
      external,
      onwarn,
      plugins: [esbuild({ target: 'es2022', jsx: 'automatic', tsconfig: false })],
      output: [
        {
          dir: 'dist',
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: `${chunks}.js`,
          sourcemap: true,
          banner,
        },
        {
          dir: 'dist',
          format: 'cjs',
          entryFileNames: '[name].cjs',
          chunkFileNames: `${chunks}.cjs`,
          sourcemap: true,
          exports: 'named',
          interop,
          banner,
        },
      ],
    },
    ...(browser
      ? [
          {
            input: Object.fromEntries(browser.map((name) => [name, entries[name]])),
            external,
            onwarn,
            // Otherwise prose inside a `try` would stay.
            treeshake: { tryCatchDeoptimization: false },
            plugins: [forBrowsers(), esbuild({ target: 'es2022', tsconfig: false })],
            output: {
              dir: 'dist/browser',
              format: 'es',
              entryFileNames: '[name].js',
              chunkFileNames: `${chunks}.js`,
            },
          },
        ]
      : []),
    {
      input: entries,
      external,
      onwarn,
      plugins: [dts({ tsconfig: 'tsconfig.src.json' })],
      output: [
        { dir: 'dist', format: 'es', entryFileNames: '[name].d.ts', chunkFileNames: `${chunks}.d.ts` },
        { dir: 'dist', format: 'es', entryFileNames: '[name].d.cts', chunkFileNames: `${chunks}.d.cts` },
      ],
    },
  ];
}
