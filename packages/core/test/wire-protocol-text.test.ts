import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CloseCode } from '../src/wire/close-code.ts';
import { Kind } from '../src/wire/frame.ts';
import * as limits from '../src/wire/limits.ts';
import { jsonCodec } from '../src/wire/json-codec.ts';
import { msgpackCodec } from '../src/wire/msgpack-codec.ts';
import { protocolMajor, protocolMinor } from '../src/wire/version.ts';

// The normative text and the code say the same numbers.
const text = readFileSync(new URL('../../../protocol/README.md', import.meta.url), 'utf8');
const section = (number: number): string => text.split(/^## /m).find((part) => part.startsWith(`${number} `)) ?? '';
const rows = (part: string): string[][] =>
  part
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );

test('close codes', () => {
  const listed = rows(section(7))
    .map(([code]) => Number(code))
    .filter((code) => !Number.isNaN(code));
  expect(listed).toEqual(Object.values(CloseCode));
});

test('kinds', () => {
  const listed = rows(section(1))
    .map(([first]) => /^(\d+) (\w+)$/.exec(first ?? ''))
    .flatMap((match) => (match === null ? [] : [[match[2], Number(match[1])]]));
  expect(Object.fromEntries(listed)).toEqual({ ...Kind });
});

test('limits', () => {
  const value = (what: string): number =>
    Number(
      rows(section(9))
        .find(([first]) => first === what)?.[1]
        ?.replace(/,|levels|characters|ms/g, ''),
    );
  expect({
    frame: value('packet'),
    msg: value('single frame'),
    inflight: value('requests without an answer, per direction'),
  }).toEqual(limits.defaultWireLimits);
  expect(value('packet before the handshake is complete')).toBe(limits.helloLimit);
  expect(value('nesting')).toBe(limits.maxDepth);
  expect(value('keys of one map')).toBe(limits.maxKeys);
  expect(value('name')).toBe(limits.maxNameBytes);
  expect(value('text of an error or reject that is kept')).toBe(limits.maxTextLength);
  expect(value('`url`')).toBe(limits.maxUrlBytes);
  expect(value('capabilities')).toBe(limits.maxCaps);
  expect(value('duration')).toBe(limits.maxDuration);
  expect(value('transfers at once')).toBe(limits.maxTransfers);
  expect(value('bytes of unfinished frames')).toBe(limits.maxUnfinished);
  expect(value('bytes of an upload beyond what its handler read')).toBe(limits.uploadCredit);
});

describe('versions', () => {
  test.each([jsonCodec.subprotocol, msgpackCodec.subprotocol])('%s is a sub-protocol of the text', (name) => {
    expect(section(1)).toContain(`\`${name}\``);
    expect(name.startsWith(`hawser.${protocolMajor}.`)).toBe(true);
  });

  test('minor', () => expect(section(10)).toContain(`This is minor version ${protocolMinor}.`));
});
