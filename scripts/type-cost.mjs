// What a large contract costs the type checker, counted in instantiations, which do not depend on the machine. Generates
// a contract and typed uses of it, checks them with TypeScript 6 and 7, and fails when a use costs too much.
//   npm run check:types -- [entries]
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
// Inside the workspace, so that the packages resolve as they do for their users.
const folder = `${root}node_modules/.cache/type-cost/`;
const entries = Number(process.argv[2] ?? 600);
/** Instantiations one typed use may cost on TypeScript 6, the compiler the gate looks at. */
const limitPerUse = 350;

const compilers = {
  'TypeScript 6': `${root}node_modules/typescript/bin/tsc`,
  'TypeScript 7': `${root}node_modules/@typescript/native/bin/tsc`,
};

/** A sixth of the names for each kind; topics and messages from the server, the rest from the client. */
const names = (kind) => Array.from({ length: Math.round(entries / 6) }, (_, n) => `${kind}${n}`);
const object = (fields) => `z.object({ ${fields} })`;
const point = object('id: z.string(), value: z.number(), at: z.number(), tags: z.array(z.string())');

const contract = `
import { bytes, call, defineContract, message, stream, topic, upload } from '@hawser/core';
import * as z from 'zod';
export const big = defineContract({
  id: 'big',
  topics: {
${names('topic')
  .map((name) => `    ${name}: topic({ params: ${object('room: z.string()')}, data: ${point} }),`)
  .join('\n')}
  },
  clientToServer: {
${names('say')
  .map((name) => `    ${name}: message(${point}),`)
  .join('\n')}
${names('ask')
  .map(
    (name) =>
      `    ${name}: call({ input: ${point}, output: ${point}, errors: { GONE: ${object('id: z.string()')}, BUSY: null } }),`,
  )
  .join('\n')}
${names('rows')
  .map((name) => `    ${name}: stream({ input: ${point}, item: ${point} }),`)
  .join('\n')}
${names('put')
  .map((name) => `    ${name}: upload({ input: ${point}, chunk: bytes(), output: ${point} }),`)
  .join('\n')}
  },
  serverToClient: {
${names('tell')
  .map((name) => `    ${name}: message(${point}),`)
  .join('\n')}
  },
});
export type Big = typeof big;
`;

const value = `{ id: 'a', value: 1, at: 2, tags: ['x'] }`;
const uses = [
  ...names('say').map((name) => `client.send('${name}', ${value});`),
  ...names('ask').flatMap((name) => [
    `void client.call('${name}', ${value}).then((answer) => answer.value.toFixed());`,
    `void client.safeCall('${name}', ${value}).then((r) => (r.ok ? r.data.id : r.error.code));`,
  ]),
  ...names('rows').map((name) => `client.stream('${name}', ${value}).subscribe((row) => row.tags.length);`),
  ...names('put').map((name) => `void client.upload('${name}', ${value}, new Uint8Array()).then((r) => r.at);`),
  ...names('tell').flatMap((name) => [
    `client.on('${name}', (data) => data.tags.length);`,
    `rx.message$('${name}').subscribe((data) => data.value);`,
  ]),
  ...names('topic').map((name) => `client.topic('${name}', { room: 'r' }).subscribe((data) => data.value);`),
];
const usesFile = `
import type { Client } from '@hawser/core';
import type { Rx } from '@hawser/rx';
import type { Big } from './contract.ts';
declare const client: Client<Big>;
declare const rx: Rx<Big>;
${uses.join('\n')}
`;

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}contract.ts`, contract);
writeFileSync(`${folder}uses.ts`, usesFile);
const options = {
  target: 'es2022',
  lib: ['es2022', 'dom', 'esnext.disposable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  types: [],
};
/** Instantiations of checking one file and what it imports. */
function instantiations(compiler, file) {
  writeFileSync(`${folder}tsconfig.json`, JSON.stringify({ compilerOptions: options, files: [file] }));
  // One checker, for several would each count what they share.
  const single = compiler === compilers['TypeScript 7'] ? ['--singleThreaded'] : [];
  let text;
  try {
    const args = [compiler, '-p', folder, '--extendedDiagnostics', ...single];
    text = execFileSync(process.execPath, args, { encoding: 'utf8' });
  } catch (error) {
    console.error(error.stdout);
    throw new Error(`the generated ${file} does not compile`, { cause: error });
  }
  const count = (name) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(text)?.[1]);
  return { instantiations: count('Instantiations'), seconds: count('Check time') };
}

let failed = false;
const rows = Object.entries(compilers).map(([name, compiler]) => {
  const alone = instantiations(compiler, 'contract.ts');
  const all = instantiations(compiler, 'uses.ts');
  const perUse = Math.round((all.instantiations - alone.instantiations) / uses.length);
  const gated = name === 'TypeScript 6';
  const ok = !gated || perUse <= limitPerUse;
  failed ||= !ok;
  return {
    compiler: name,
    entries,
    uses: uses.length,
    instantiations: all.instantiations,
    'contract alone': alone.instantiations,
    'per use': perUse,
    limit: gated ? limitPerUse : '',
    'check s': all.seconds,
    ok,
  };
});
console.table(rows);
process.exit(failed ? 1 : 0);
