// What the packages cost in a browser: bundled by esbuild from dist, minified, gzip level 9. Peers do not count.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

const budgets = [
  {
    name: '@hawser/core',
    what: 'createClient, defineContract, message, call',
    entry: `export { createClient, defineContract, message, call } from '@hawser/core';`,
    external: [],
    budget: 11_000,
  },
  {
    name: '@hawser/rx',
    what: 'everything',
    entry: `export * from '@hawser/rx';`,
    external: ['@hawser/core', 'rxjs'],
    budget: 1_024,
  },
  {
    name: '@hawser/react',
    what: 'everything',
    entry: `export * from '@hawser/react';`,
    external: ['@hawser/core', 'react', 'react-dom'],
    budget: 2_560,
  },
];

let failures = 0;
const rows = [];
for (const { name, what, entry, external, budget } of budgets) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: entry, resolveDir: root, sourcefile: 'entry.js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external,
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const inputs = Object.keys(metafile.inputs);
  // ws is the Node side of the client; a browser field that stops working would pull it in.
  const strangers = inputs.filter((path) => /(^|\/)node_modules\/(ws|rxjs|react|react-dom|msgpackr|zod)\//.test(path));
  for (const path of strangers) console.error(`${name}: ${path} is in the bundle`);
  const size = gzipSync(outputFiles[0].contents, { level: 9 }).byteLength;
  const fits = size <= budget && strangers.length === 0;
  if (!fits) failures++;
  rows.push({ package: name, exports: what, 'gzip B': size, 'budget B': budget, ok: fits });
}

console.table(rows);
if (failures > 0) console.error(`${failures} of ${rows.length} packages are over budget or carry what they must not`);
process.exit(failures > 0 ? 1 : 0);
