// Plants one wrong import per rule of .dependency-cruiser.mjs in an empty copy of the layout, and expects exactly those
// to be reported.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'hawser-layers-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const core = 'packages/core/src';

/** [file, what it imports, the rules that must object]. */
const imports: ReadonlyArray<readonly [file: string, specifier: string, ...rules: string[]]> = [
  // Downwards, and into the same folder: nobody objects.
  [`${core}/session/ok.ts`, '../wire/frame.ts'],
  [`${core}/protocols/ok.ts`, '../wire/frame.ts'],
  [`${core}/driver/ok.ts`, '../endpoint/endpoint.ts'],
  [`${core}/client/ok.ts`, '../driver/pump.ts'],
  [`${core}/client/ok-too.ts`, './ok.ts'],
  [`${core}/testing/ok.ts`, '../client/ok.ts'],
  [`${core}/wire/ok.test.ts`, '../endpoint/endpoint.ts'],
  ['packages/rx/src/ok.ts', '@hawser/core'],
  ['packages/server/src/ok.ts', '@hawser/core/endpoint'],
  ['examples/one/ok.ts', '@hawser/core'],
  // Upwards and sideways.
  [`${core}/shared/up.ts`, '../wire/frame.ts', 'layer-shared'],
  [`${core}/wire/up.ts`, '../session/ok.ts', 'layer-wire'],
  [`${core}/wire/sideways.ts`, '../protocols/dialect.ts', 'layer-wire'],
  [`${core}/protocols/up.ts`, '../connection/machine.ts', 'layer-protocols'],
  [`${core}/session/sideways.ts`, '../connection/machine.ts', 'layer-session'],
  [`${core}/connection/sideways.ts`, '../session/ok.ts', 'layer-connection'],
  [`${core}/messaging/up.ts`, '../endpoint/endpoint.ts', 'layer-messaging'],
  [`${core}/endpoint/up.ts`, '../driver/pump.ts', 'layer-endpoint'],
  [`${core}/peer/sideways.ts`, '../driver/pump.ts', 'layer-peer'],
  [`${core}/driver/sideways.ts`, '../peer/peer.ts', 'layer-driver'],
  [`${core}/driver/up.ts`, '../client/ok.ts', 'layer-driver'],
  [`${core}/client/sideways.ts`, '../accept/acceptor.ts', 'layer-client'],
  [`${core}/accept/sideways.ts`, '../client/ok.ts', 'layer-accept'],
  [`${core}/client/testing.ts`, '../testing/ok.ts', 'layer-client'],
  [`${core}/client/entry.ts`, '../index.ts', 'entries-are-outermost', 'layer-client'],
  [`${core}/unknown/file.ts`, '../shared/errors.ts', 'no-known-folder-imports'],
  [`${core}/testing/unknown.ts`, '../unknown/nothing.ts', 'known-folder'],
  [`${core}/shared/tests.ts`, './tests-of.test.ts', 'sources-without-tests'],
  // Between packages.
  ['packages/rx/src/deep.ts', '../../core/src/shared/errors.ts', 'packages-by-name', 'packages-by-public-entry'],
  ['packages/rx/src/path.ts', '../../core/src/index.ts', 'packages-by-name'],
  ['packages/rx/src/server.ts', '@hawser/server', 'core-below-all'],
  [`${core}/client/server.ts`, '@hawser/server', 'core-below-all'],
  ['packages/server/src/example.ts', '../../../examples/one/ok.ts', 'packages-stand-alone'],
  ['examples/one/deep.ts', '../../packages/core/src/shared/errors.ts', 'examples-by-name', 'examples-by-public-entry'],
  ['examples/one/path.ts', '../../packages/core/src/index.ts', 'examples-by-name'],
  ['packages/rx/src/missing.ts', './nowhere.ts', 'resolvable'],
  ['packages/rx/src/undeclared.ts', 'rxjs', 'declared'],
];

const leaves = [
  'shared/errors',
  'wire/frame',
  'protocols/dialect',
  'connection/machine',
  'endpoint/endpoint',
  'peer/peer',
  'driver/pump',
  'accept/acceptor',
  'unknown/nothing',
  'shared/tests-of.test',
  'endpoint.entry',
  'index',
].map((name) => `${core}/${name}.ts`);

function write(file: string, text: string): void {
  mkdirSync(dirname(join(work, file)), { recursive: true });
  writeFileSync(join(work, file), text);
}

it('reports each planted import, and no other', () => {
  for (const file of ['.dependency-cruiser.mjs', 'tsconfig.base.json']) copyFileSync(root + file, join(work, file));
  write('node_modules/rxjs/package.json', '{"name":"rxjs","types":"index.d.ts"}');
  write('node_modules/rxjs/index.d.ts', 'export interface Leaf {}\n');
  for (const name of ['core', 'rx', 'server']) write(`packages/${name}/package.json`, '{"type":"module"}');
  write('package.json', '{"type":"module"}');
  for (const file of [...leaves, 'packages/server/src/index.ts']) write(file, 'export interface Leaf {}\n');
  // Imports of types alone have to count, so every planted import is one.
  for (const [file, specifier] of imports) {
    write(file, `import type { Leaf } from '${specifier}';\nexport interface Here extends Leaf {}\n`);
  }
  write(`${core}/shared/one.ts`, `import type { Two } from './two.ts';\nexport interface One extends Two {}\n`);
  write(`${core}/shared/two.ts`, `import type { One } from './one.ts';\nexport interface Two extends One {}\n`);

  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [cruiser, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'packages', 'examples'],
    { cwd: work, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: Array<{ from: string; to: string; rule: { name: string } }> };
  };
  const found = summary.violations.map((violation) => `${violation.from}: ${violation.rule.name}`);
  const expected = imports.flatMap(([file, , ...rules]) => rules.map((rule) => `${file}: ${rule}`));
  expected.push(`${core}/shared/one.ts: no-cycle`); // a cycle is reported once
  expect([...new Set(found)].toSorted()).toEqual(expected.toSorted());
});
