// What the packages cost in a production browser: bundled from dist and minified by rolldown (as Vite does), gzip level 9.
// Peers do not count.
import { gzipSync } from 'node:zlib';
import { build } from 'rolldown';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

// `budget` is what the package is meant to cost; `limit`, where it is not reached yet, what it may cost until then. A
// change that needs a larger limit says why.
const budgets = [
  // The budget is for what connects, reconnects, sends and receives; each kind a contract names comes on top.
  {
    name: '@hawser/core',
    what: 'createClient, defineContract, message',
    entry: `export { createClient, defineContract, message } from '@hawser/core';`,
    external: [],
    budget: 11_000,
  },
  ...[
    ['topic', 13_450],
    ['call', 18_200],
    ['call, stream', 19_550],
    ['call, stream, upload, topic', 23_150],
  ].map(([kinds, limit]) => ({
    name: '@hawser/core',
    what: `the same and ${kinds}`,
    entry: `export { createClient, defineContract, message, ${kinds} } from '@hawser/core';`,
    external: [],
    limit,
  })),
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

/** Answers the entry, which is no file. */
const load = (code) => (id) => (id === `${root}entry.js` ? code : null);

let failures = 0;
const rows = [];
for (const { name, what, entry, external, budget = 0, limit = budget } of budgets) {
  const peers = external.map((peer) => new RegExp(`^${peer}(/|$)`));
  const { output } = await build({
    input: 'entry',
    external: peers,
    platform: 'browser',
    cwd: root,
    plugins: [{ name: 'entry', resolveId: (id) => (id === 'entry' ? `${root}entry.js` : null), load: load(entry) }],
    resolve: { conditionNames: ['browser', 'import'] },
    transform: { target: 'es2022' },
    output: { format: 'esm', minify: true },
    write: false,
  });
  const inputs = output.flatMap((chunk) => chunk.moduleIds ?? []);
  // ws is the Node side of the client; a browser field that stops working would pull it in.
  const strangers = inputs.filter((path) => /(^|\/)node_modules\/(ws|rxjs|react|react-dom|msgpackr|zod)\//.test(path));
  for (const path of strangers) console.error(`${name}: ${path} is in the bundle`);
  const size = gzipSync(output[0].code, { level: 9 }).byteLength;
  const fits = size <= limit && strangers.length === 0;
  if (!fits) failures++;
  rows.push({ package: name, exports: what, 'gzip B': size, 'budget B': budget || '', 'limit B': limit, ok: fits });
  if (fits && budget > 0 && size > budget)
    console.warn(`${name} is ${size - budget} B over its budget, within its limit`);
}

console.table(rows);
if (failures > 0)
  console.error(`${failures} of ${rows.length} packages are over their limit or carry what they must not`);
process.exit(failures > 0 ? 1 : 0);
