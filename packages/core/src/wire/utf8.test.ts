import { describe, expect, test, vi } from 'vitest';
import { utf8Length as withEngine, withoutHalves } from './utf8.ts';

// As the build for browsers has it.
vi.resetModules();
vi.doMock('../shared/platform.ts', () => ({ browserOnly: true, nodeBuffer: undefined }));
const { utf8Length: withoutEngine } = await import('./utf8.ts');

const wellFormed = ['', 'a', 'plain ASCII', '\u007f\u0080', '\u07ff\u0800', '\ud7ff\ue000\uffff', 'é€😀', '\u{10ffff}'];
const halves = ['\ud83d', '\ude00', 'a\ud83db', '\ude00\ud83d', '😀\ud83d', '\udbff\ud800'];
const platform = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each(['with', 'without'])('utf8Length %s the engine', (way) => {
  const utf8Length = way === 'with' ? withEngine : withoutEngine;

  test.each(wellFormed)('counts %j as the platform encodes it', (text) =>
    expect(utf8Length(text)).toBe(platform(text).length),
  );

  test('at every border of the encoding', () => {
    for (let point = 0x70; point < 0x1_1000; point += 7) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const text = `x${String.fromCodePoint(point)}`;
      expect([point, utf8Length(text)]).toEqual([point, platform(text).length]);
    }
  });
});

describe('withoutHalves', () => {
  test.each(wellFormed)('leaves %j as it is', (text) => expect(withoutHalves(text)).toBe(text));

  test.each(halves)('writes %j as the platform encodes it', (text) => {
    expect(withoutHalves(text)).not.toBe(text);
    expect(withoutHalves(text)).toBe(new TextDecoder().decode(platform(text)));
  });
});
