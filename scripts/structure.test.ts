import { describe, expect, it } from 'vitest';
import { offencesOf } from './check-structure.mjs';

const offend = (path: string, text = ''): string[] => offencesOf(path, text);

describe('offencesOf', () => {
  it.each([
    ['packages/core/src/session/sendBuffer.ts', 'the name is not kebab-case'],
    ['packages/core/src/session/utils.ts', 'a file called utils says nothing about what it holds'],
    ['packages/core/src/session/types.ts', 'a file called types says nothing about what it holds'],
    ['packages/rx/src/common/a.ts', 'a folder called common says nothing about what it holds'],
    ['packages/core/src/session/index.ts', 'a folder has no barrel: import the file'],
  ])('names %s', (path, offence) => {
    expect(offend(path)).toEqual([offence]);
  });

  it.each([`export * from './a.ts';`, `export * as a from './a.ts';`, `export type * from './a.ts';`])(
    'objects to %s',
    (text) => {
      expect(offend('packages/core/src/index.ts', text)).toEqual(['export * : name what is exported']);
    },
  );

  it('limits length', () => {
    expect(offend('packages/core/src/a.ts', 'x\n'.repeat(350))).toEqual([]);
    expect(offend('packages/core/src/a.ts', 'x\n'.repeat(351))).toEqual(['351 lines, and 350 is the limit']);
    expect(offend('packages/core/src/a.test.ts', 'x\n'.repeat(400))).toEqual([]);
    expect(offend('packages/core/src/a.test.ts', 'x\n'.repeat(401))).toEqual(['401 lines, and 400 is the limit']);
  });

  it('is content with ordinary files', () => {
    expect(offend('packages/core/src/index.ts', `// export * would be wrong\nexport { a } from './a.ts';\n`)).toEqual(
      [],
    );
    expect(offend('packages/core/src/session/send-buffer.dom.test.tsx')).toEqual([]);
    expect(offend('vitest.config.ts')).toEqual([]);
    expect(offend('.dependency-cruiser.mjs')).toEqual([]);
  });
});
