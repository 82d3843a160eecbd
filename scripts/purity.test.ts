// Plants impure code below and above the purity line, and runs the linter with the repository's own configuration.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'hawser-purity-'));
beforeAll(() => copyFileSync(`${root}.oxlintrc.json`, join(work, '.oxlintrc.json')));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Rules that object to the text, were it the content of that file. */
function objections(file: string, text: string): string[] {
  const path = join(work, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '-f', 'json', path], {
    cwd: work,
    encoding: 'utf8',
  });
  rmSync(path);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Array<{ code: string; severity: string }> };
  return diagnostics.filter((found) => found.severity === 'error').map((found) => found.code);
}

const pure = ['shared', 'wire', 'protocols', 'session', 'connection', 'messaging', 'endpoint'];

const impure: ReadonlyArray<readonly [text: string, rule: string]> = [
  ['export const f = (): number => Date.now();', 'eslint(no-restricted-globals)'],
  ['export const f = (): Date => new Date(0);', 'eslint(no-restricted-globals)'],
  ['export const f = (): number => performance.now();', 'eslint(no-restricted-globals)'],
  ['export const f = (): unknown => setTimeout(f, 1);', 'eslint(no-restricted-globals)'],
  ['export const f = (): unknown => setInterval(f, 1);', 'eslint(no-restricted-globals)'],
  ['export const f = (): unknown => setImmediate(f);', 'eslint(no-restricted-globals)'],
  ['export const f = (): void => queueMicrotask(f);', 'eslint(no-restricted-globals)'],
  ['export const f = (): unknown => Promise.resolve();', 'eslint(no-restricted-globals)'],
  ['export const f = (): unknown => new WebSocket("ws://h");', 'eslint(no-restricted-globals)'],
  ['export const f = (): unknown => crypto.randomUUID();', 'eslint(no-restricted-globals)'],
  ['export const f = (): unknown => process.env;', 'eslint(no-restricted-globals)'],
  ['export const f = (): unknown => fetch("/");', 'eslint(no-restricted-globals)'],
  ['export const f = (): unknown => globalThis.Date.now();', 'eslint(no-restricted-globals)'],
  ['export const f = (): number => Math.random();', 'eslint(no-restricted-properties)'],
  ['const { random } = Math;\nexport const f: () => number = random;', 'eslint(no-restricted-properties)'],
  ['export const f = (): void => console.log(1);', 'eslint(no-console)'],
  ['export async function f(): Promise<void> {}', 'oxc(no-async-await)'],
  ['import { WebSocket as WS } from "ws";\nexport const f: unknown = WS;', 'eslint(no-restricted-imports)'],
  ['import { setTimeout as s } from "node:timers";\nexport const f: unknown = s;', 'eslint(no-restricted-imports)'],
];

describe('below the purity line', () => {
  it.each(impure)('objects to %s', (text, rule) => {
    expect(objections('packages/core/src/session/planted.ts', text)).toContain(rule);
  });

  it.each(pure)('holds in %s/', (folder) => {
    const text = 'export const f = (): number => Date.now();';
    expect(objections(`packages/core/src/${folder}/planted.ts`, text)).toEqual(['eslint(no-restricted-globals)']);
  });

  it('lets types, comments and names of members pass', () => {
    const text = [
      '// Date.now() and setTimeout are for others.',
      'export interface Waiting { readonly done: Promise<void>; readonly at: Date }',
      'export type Open = (url: string) => WebSocket;',
      'export const atZero = (x: { Date: number }): number => x.Date;',
      'export const half = (n: number): number => Math.floor(n / 2);',
    ].join('\n');
    expect(objections('packages/core/src/session/planted.ts', text)).toEqual([]);
  });

  it('leaves tests alone', () => {
    const text = 'export const f = (): number => Date.now();';
    expect(objections('packages/core/src/session/planted.test.ts', text)).toEqual([]);
  });
});

describe('above the purity line', () => {
  it('allows time, and what browsers lack nowhere', () => {
    expect(objections('packages/core/src/driver/planted.ts', 'export const f = (): number => Date.now();')).toEqual([]);
    for (const file of ['packages/core/src/driver/planted.ts', 'packages/react/src/planted.tsx']) {
      expect(objections(file, 'export const f = (): unknown => process.env;')).toEqual([
        'eslint(no-restricted-globals)',
      ]);
    }
  });

  it('bans any', () => {
    const text = 'export const f = (x: any): void => x;';
    expect(objections('packages/core/src/driver/planted.ts', text)).toEqual(['typescript(no-explicit-any)']);
  });
});
