import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listedCells } from './document.mjs';
import { mutants } from './mutants.mjs';
import { applyEdit, editsOf, mutantPlugin } from './plugin.mjs';
import { verdictOf } from './verdict.mjs';

const root = new URL('../../', import.meta.url).pathname;
const fault = { name: 'm', rule: '', why: '', tests: [] };
const assertion = { names: ['AssertionError'], message: 'expected 1 to be 2' };
const failing = (error: { names: string[]; message: string }) => ({
  file: 'a.test.ts',
  name: 'a rule',
  state: 'failed',
  errors: [error],
});

describe('the list', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s fits the present sources', (_, mutant) => {
    const texts = new Map<string, string>();
    for (const edit of editsOf(mutant)) {
      const text = texts.get(edit.file) ?? readFileSync(root + edit.file, 'utf8');
      texts.set(edit.file, applyEdit(text, edit, mutant.name));
    }
    expect(texts.size).toBeGreaterThan(0);
  });

  it('covers every rule of protocol section 3', () => {
    for (let rule = 1; rule <= 12; rule += 1) {
      const covering = mutants.filter((mutant) => mutant.rule.split(', ').some((part) => part.startsWith(`${rule} `)));
      expect(covering.length, `rule ${rule}`).toBeGreaterThan(0);
    }
  });

  it('is the one of docs/mutants.md; after a change: npm run mutants -- --write', () => {
    const rows = readFileSync(`${root}docs/mutants.md`, 'utf8').match(/^\| `.*$/gm) ?? [];
    expect(rows.map((row) => row.slice(0, row.lastIndexOf(' | ', row.length - 3) + 2))).toEqual(
      mutants.map(listedCells),
    );
  });
});

describe('applyEdit', () => {
  const edit = { file: 'a.ts', find: 'a < b', replace: 'a <= $&' };

  it('replaces the text literally', () => {
    expect(applyEdit('if (a < b) {}', edit, 'm')).toBe('if (a <= $&) {}');
  });

  it('refuses a text that is not there, or there twice', () => {
    expect(() => applyEdit('if (a > b) {}', edit, 'm')).toThrow('find occurs 0 times');
    expect(() => applyEdit('a < b || a < b', edit, 'm')).toThrow('find occurs 2 times');
  });
});

describe('mutantPlugin', () => {
  const plugin = mutantPlugin({ ...fault, edits: [{ file: 'x/a.ts', find: '1', replace: '2' }] });

  it('changes the named file, whatever its query', () => {
    expect(plugin.transform('const n = 1;', `${root}x/a.ts?v=3`)?.code).toBe('const n = 2;');
    expect(plugin.transform('const n = 1;', `${root}y/a.ts`)).toBeNull();
  });

  it('refuses an edit that changes nothing', () => {
    expect(() => editsOf({ ...fault, file: 'a.ts', find: '1', replace: '1' })).toThrow('changes nothing');
    expect(() => editsOf(fault)).toThrow('needs file and find');
  });
});

describe('verdictOf', () => {
  it('counts an assertion as a kill, also one that a property test wraps', () => {
    for (const error of [assertion, { names: ['Error', 'AssertionError'], message: 'Property failed' }]) {
      const verdict = verdictOf({ tests: [failing(error)], crashes: [] }, ['a.ts'], ['a.ts']);
      expect(verdict.outcome).toBe('killed');
    }
  });

  it('sees a survivor', () => {
    const passed = { ...failing(assertion), state: 'passed', errors: [] };
    expect(verdictOf({ tests: [passed], crashes: [] }, ['a.ts'], ['a.ts'])).toEqual({ outcome: 'survived' });
  });

  it.each([
    ['no report', undefined, ['a.ts']],
    ['no tests', { tests: [], crashes: [] }, ['a.ts']],
    ['a crash while loading', { tests: [], crashes: [{ names: ['TypeError'], message: 'boom' }] }, ['a.ts']],
    ['a TypeError in a test', { tests: [failing({ names: ['TypeError'], message: 'boom' })], crashes: [] }, ['a.ts']],
    ['a fault that no test loads', { tests: [failing(assertion)], crashes: [] }, []],
  ])('does not count %s', (_, report, loaded) => {
    expect(verdictOf(report, ['a.ts'], loaded).outcome).toBe('broken');
  });
});
