import { expect, it } from 'vitest';
import { replaceSection } from './replace-section.ts';

const page = 'a\n<!-- begin x -->\nold\n<!-- end x -->\nb <!-- begin y -->kept<!-- end y -->\n';

it('replaces what is between the markers, and nothing else', () => {
  expect(replaceSection(page, 'x', 'new $& text')).toBe(
    'a\n<!-- begin x -->\n\nnew $& text\n\n<!-- end x -->\nb <!-- begin y -->kept<!-- end y -->\n',
  );
});

it.each(['z', 'begin x'])('refuses a page without markers of %s', (section) => {
  expect(() => replaceSection(page, section, '')).toThrow('once each');
});

it('refuses a section that is there twice', () => {
  expect(() => replaceSection(page + page, 'x', '')).toThrow('once each');
});
