import { describe, expect, it } from 'vitest';
import { applyEdit, editsOf, mutantPlugin } from './plugin.mjs';
import { verdictOf } from './verdict.mjs';

const fault = { name: 'm', rule: '', why: '', tests: [] };
const assertion = { names: ['AssertionError'], message: 'expected 1 to be 2' };
const failing = (error: { names: string[]; message: string }) => ({
  file: 'a.test.ts',
  name: 'a rule',
  state: 'failed',
  errors: [error],
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
  const root = new URL('../../', import.meta.url).pathname;
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
