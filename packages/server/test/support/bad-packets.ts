import { politeHello, politeWelcome } from './raw-session.ts';
import { closePayload, type FrameClaim, Opcode } from './raw-frame.ts';

/** Packets by what is wrong with them, and the close code they earn. */
export type RefusedPackets = readonly (readonly [name: string, code: number, ...packets: unknown[]])[];
/** Packets by what is strange about them. */
export type BornePackets = readonly (readonly [name: string, ...packets: unknown[]])[];

const deep = (levels: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i += 1) value = [value];
  return value;
};
const ownKey = (key: string): unknown => JSON.parse(`{"${key}":{"polluted":true},"n":1}`) as unknown;
const manyKeys = (count: number): unknown => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 0]));

/** Bad packets after the handshake, as one side would send them. */
export function badPackets(from: 'client' | 'server'): {
  /** A good message with this number. */
  note(n: unknown, ...more: unknown[]): unknown[];
  /** What ends the connection. */
  readonly refused: RefusedPackets;
  /** What a later version or a confused one may send; nothing happens. */
  readonly borne: BornePackets;
} {
  const [message, call] = from === 'client' ? ['note', 'echo'] : ['news', 'check'];
  // Clients use odd ids, servers even ones.
  const id = from === 'client' ? 1 : 2;
  const otherId = from === 'client' ? 2 : 1;
  const note = (n: unknown, ...more: unknown[]): unknown[] => [1, message, { n }, ...more];
  const refused: RefusedPackets = [
    // H01: not a packet.
    ['null', 4400, null],
    ['a number', 4400, 1],
    ['a string', 4400, '[0,0]'],
    ['true', 4400, true],
    ['a map', 4400, { 0: 0, 1: 0 }],
    ['an empty array', 4400, []],
    ['an array of one', 4400, [0]],
    ['a frame that is a number', 4400, [0, 0, 35]],
    ['a frame that is null', 4400, [0, 0, null]],
    ['a frame that is a map', 4400, [0, 0, { 0: 35 }]],
    ['an empty frame', 4400, [0, 0, []]],
    // H04: numbers.
    ['a negative seq', 4400, [-1, 0, note(1)]],
    ['a broken seq', 4400, [1.5, 0, note(1)]],
    ['a seq of 2^53', 4400, [2 ** 53, 0, note(1)]],
    ['a seq that overflows with its frames', 4400, [Number.MAX_SAFE_INTEGER, 0, note(1), note(2)]],
    ['a seq in quotes', 4400, ['1', 0, note(1)]],
    ['a seq that is null', 4400, [null, 0, note(1)]],
    ['a negative ack', 4400, [0, -1]],
    ['a broken ack', 4400, [0, 0.5]],
    ['an ack that is an array', 4400, [0, [0]]],
    ['a ping with a broken number', 4400, [0, 0, [35, 1.5]]],
    ['a pong with a text', 4400, [0, 0, [36, 'x']]],
    // H05: sequence.
    ['a gap', 4540, [2, 0, note(1)]],
    ['a gap after a good one', 4540, [1, 0, note(1)], [3, 0, note(3)]],
    ['a seq far ahead', 4540, [Number.MAX_SAFE_INTEGER, 0, note(1)]],
    ['seq 0 with a numbered frame', 4400, [0, 0, note(1)]],
    ['a seq with nothing to number', 4400, [1, 0]],
    ['a seq with control frames only', 4400, [1, 0, [35, 1]]],
    // H06: acks.
    ['an ack beyond what was sent', 4400, [0, 1]],
    ['an ack far beyond', 4400, [0, Number.MAX_SAFE_INTEGER]],
    // H07: kinds and shapes.
    ['an unknown numbered kind', 4400, [1, 0, [15, 'x']]],
    ['the last critical numbered kind', 4400, [1, 0, [31]]],
    ['an unknown critical kind', 4400, [0, 0, [50]]],
    ['the last critical kind', 4400, [0, 0, [63]]],
    ['kind 128', 4400, [0, 0, [128]]],
    ['kind -1', 4400, [0, 0, [-1]]],
    ['kind 1.5', 4400, [0, 0, [1.5]]],
    ['a kind in quotes', 4400, [0, 0, ['35']]],
    ['a message without a name', 4400, [1, 0, [1]]],
    ['a message named by a number', 4400, [1, 0, [1, 5, {}]]],
    ['a message named by a list', 4400, [1, 0, [1, [message], {}]]],
    ['a message without a name, in quotes', 4400, [1, 0, [1, '', {}]]],
    ['a name over 128 bytes', 4400, [1, 0, [1, 'n'.repeat(129), {}]]],
    ['a name of 100,000 bytes', 4400, [1, 0, [1, 'n'.repeat(100_000), {}]]],
    ['a name over 128 bytes of few characters', 4400, [1, 0, [1, '\u{1f600}'.repeat(33), {}]]],
    ['meta that is no map', 4400, [1, 0, note(1, 'meta')]],
    ['meta with a broken deadline', 4400, [1, 0, [2, id, call, { n: 1 }, { dl: 'soon' }]]],
    ['a request without an id', 4400, [1, 0, [2, call, { n: 1 }]]],
    ['a request without a name', 4400, [1, 0, [2, id]]],
    ['an error without a code', 4400, [1, 0, [4, otherId]]],
    ['a goaway without its facts', 4400, [0, 0, [37, {}]]],
    // H02, H03: depth and keys.
    ['nesting over the limit', 4400, [1, 0, [1, message, deep(64)]]],
    ['nesting of 1,000', 4400, [1, 0, [1, message, deep(1_000)]]],
    ['nesting of 1,000 instead of a packet', 4400, deep(1_000)],
    ['a key __proto__ in a message', 4400, [1, 0, [1, message, ownKey('__proto__')]]],
    ['a key __proto__ in a request', 4400, [1, 0, [2, id, call, ownKey('__proto__')]]],
    ['a key constructor', 4400, [1, 0, [1, message, ownKey('constructor')]]],
    ['a key prototype', 4400, [1, 0, [1, message, ownKey('prototype')]]],
    ['a key __proto__ deep inside', 4400, [1, 0, [1, message, { a: [{ b: ownKey('__proto__') }] }]]],
    ['a key __proto__ in meta', 4400, [1, 0, note(1, ownKey('__proto__'))]],
    ['10,001 keys', 4400, [1, 0, [1, message, manyKeys(10_001)]]],
    // H08: the handshake again.
    ['a second hello', 4400, [0, 0, [32, politeHello]]],
    ['a broken hello', 4400, [0, 0, [32, {}]]],
    ['a welcome', 4400, [0, 0, [33, politeWelcome]]],
    ['a reject', 4400, [0, 0, [34, 4403, 'go away']]],
    // H11: ids.
    ['an id used twice', 4400, [1, 0, [2, id, call, { n: 1 }], [2, id, call, { n: 1 }]]],
    ['an id below the last', 4400, [1, 0, [2, id + 2, call, { n: 1 }], [2, id, call, { n: 1 }]]],
    ['an id of the other side', 4400, [1, 0, [2, id + 1, call, { n: 1 }]]],
    ['id 0', 4400, [1, 0, [2, 0, call, { n: 1 }]]],
    ['a negative id', 4400, [1, 0, [2, -1, call, { n: 1 }]]],
    ['a result nobody asked for', 4400, [1, 0, [3, otherId, { n: 1 }]]],
    ['a result under an id of its own', 4400, [1, 0, [2, id, call, { n: 1 }], [3, id, { n: 1 }]]],
    ['an error nobody asked for', 4400, [1, 0, [4, otherId, 'INTERNAL', 'x']]],
    ['a cancel for nothing', 4400, [1, 0, [9, id]]],
  ];
  const borne: BornePackets = [
    ['an unknown kind that may be ignored', [0, 0, [100, { a: 1 }], [127]]],
    ['an unknown numbered kind that may be ignored', [1, 0, [64, 'x'], [95]], [3, 0, note(3)]],
    ['more elements than known', [1, 0, note(1, {}, 'more', 4), [2, id, call, { n: 2 }, {}, 'more']]],
    ['unknown meta', [1, 0, note(1, { later: true })]],
    ['an ack that goes back', [0, 0]],
    ['nothing', [0, 0]],
    ['a pong nobody asked for', [0, 0, [36, 77]], [0, 0, [36]]],
    ['a goaway', [0, 0, [37, { code: 4512, within: 0, after: 0, resume: true }]]],
    ['a volatile message of no name known', [0, 0, [41, 'toString', {}]]],
    ['nesting up to the limit', [1, 0, [1, message, deep(61)]]],
    ['a name of 128 bytes', [1, 0, [1, 'n'.repeat(128), {}]]],
  ];
  return { note, refused, borne };
}

/** Illegal WebSocket frames and the code they earn. @param masked - what is legal for the side that sends them */
export function badFrames(
  masked: boolean,
): readonly (readonly [name: string, code: number, frames: readonly FrameClaim[]])[] {
  return [
    [masked ? 'an unmasked frame' : 'a masked frame', 1002, [{ payload: '[0,0]', mask: !masked }]],
    ['reserved bit 1', 1002, [{ payload: '[0,0]', rsv: 4 }]],
    ['reserved bit 2', 1002, [{ payload: '[0,0]', rsv: 2 }]],
    ['reserved bit 3', 1002, [{ payload: '[0,0]', rsv: 1 }]],
    ['an unknown opcode', 1002, [{ opcode: 3, payload: '[0,0]' }]],
    ['an unknown control opcode', 1002, [{ opcode: 11 }]],
    ['a continuation of nothing', 1002, [{ opcode: 0, payload: '[0,0]' }]],
    ['a message inside another', 1002, [{ payload: '[0', fin: false }, { payload: '[0,0]' }]],
    ['a fragmented ping', 1002, [{ opcode: Opcode.ping, fin: false }]],
    ['a ping of 126 bytes', 1002, [{ opcode: Opcode.ping, payload: Buffer.alloc(126) }]],
    ['a close with half a code', 1002, [{ opcode: Opcode.close, payload: Buffer.from([3]) }]],
    ['a close with code 1006', 1002, [{ opcode: Opcode.close, payload: closePayload(1006) }]],
    ['a close with code 0', 1002, [{ opcode: Opcode.close, payload: closePayload(0) }]],
    ['invalid UTF-8', 1007, [{ opcode: Opcode.text, payload: Buffer.from([0x5b, 0xc3, 0x28, 0x5d]) }]],
    ['a surrogate in UTF-8', 1007, [{ opcode: Opcode.text, payload: Buffer.from([0xed, 0xa0, 0x80]) }]],
    ['a close reason that is not UTF-8', 1007, [{ opcode: Opcode.close, payload: Buffer.from([0x03, 0xe8, 0xff]) }]],
    ['one byte over the limit', 1009, [{ payload: Buffer.alloc(262_145) }]],
    [
      'one byte over the limit, in two parts',
      1009,
      [
        { payload: Buffer.alloc(262_144), fin: false },
        { payload: 'x', opcode: 0 },
      ],
    ],
    ['a claim of one byte over the limit, and nothing behind it', 1009, [{ claim: 262_145 }]],
    ['a claim of 2^53', 1009, [{ claim: 2n ** 53n }]],
    ['a claim of 2^63', 1009, [{ claim: 2n ** 63n }]],
    [
      'too many fragments',
      1008,
      [...Array.from({ length: 1_100 }, (_, i) => ({ opcode: i === 0 ? 1 : 0, fin: false, payload: ' ' }))],
    ],
  ];
}

/** JSON texts that are no packet. */
export const badTexts: readonly (readonly [name: string, text: string])[] = [
  ['an empty message', ''],
  ['a blank', ' '],
  ['words', 'hello'],
  ['half a packet', '[0,0'],
  ['a packet and more', '[0,0][0,0]'],
  ['a byte order mark', '\ufeff[0,0]'],
  ['a NUL', '\0'],
  ['comments', '[0,0]//'],
  ['single quotes', "['0',0]"],
  ['an infinite seq', '[1e999,0,[1,"note",{"n":1}]]'],
  ['an infinite ack', '[0,1e999]'],
  ['a seq that is rounded', '[9007199254740993,0,[1,"note",{"n":1}]]'],
  ['an escaped __proto__', '[1,0,[1,"note",{"\\u005f\\u005fproto\\u005f\\u005f":{"polluted":true},"n":1}]]'],
  ['a half escaped __proto__', '[1,0,[1,"note",{"__pr\\u006fto__":{"polluted":true},"n":1}]]'],
  ['an escaped constructor', '[1,0,[1,"note",{"c\\u006fnstructor":{"prototype":{"polluted":true}},"n":1}]]'],
  ['a name with half a surrogate pair', '[1,0,[1,"\\ud800",{"n":1}]]'],
  ['250,000 brackets', '['.repeat(250_000)],
  ['125,000 levels, closed', `${'['.repeat(125_000)}${']'.repeat(125_000)}`],
  ['50,000 levels of maps', `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`],
];

const u32 = (...start: number[]): Buffer => Buffer.from([...start, 0xff, 0xff, 0xff, 0xff]);
/** Bytes that are no packet in MessagePack. */
export const badBlobs: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['an empty message', Buffer.alloc(0)],
  ['the byte that is never used', Buffer.from([0xc1])],
  ['a chunk', Buffer.from([0xc1, 1, 0, 1, 1, 10, 1, 2, 3])],
  ['an array of 2^32 - 1', u32(0xdd)],
  ['a map of 2^32 - 1', Buffer.concat([Buffer.from([0x93, 0, 0]), u32(0xdf)])],
  ['a text of 2^32 - 1', Buffer.concat([Buffer.from([0x92, 0]), u32(0xdb)])],
  ['bytes of 2^32 - 1', Buffer.concat([Buffer.from([0x92, 0]), u32(0xc6)])],
  ['an extension of 2^32 - 1', Buffer.concat([Buffer.from([0x92, 0]), u32(0xc9), Buffer.from([1])])],
  ['an extension', Buffer.from([0x93, 0, 0, 0x92, 36, 0xd4, 1, 0])],
  [
    'a timestamp out of range',
    Buffer.from([0x93, 0, 0, 0x92, 36, 0xd7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  ],
  ['half a packet', Buffer.from([0x92, 0])],
  ['a packet and more', Buffer.from([0x92, 0, 0, 0])],
  ['a key that is a number', Buffer.from([0x93, 1, 0, 0x93, 1, 0xa4, ...Buffer.from('note'), 0x81, 1, 1])],
  [
    'the same key twice',
    Buffer.from([0x93, 1, 0, 0x93, 1, 0xa4, ...Buffer.from('note'), 0x82, 0xa1, 0x6e, 1, 0xa1, 0x6e, 2]),
  ],
  ['a text that is not UTF-8', Buffer.from([0x93, 1, 0, 0x93, 1, 0xa4, 0xff, 0xfe, 0xfd, 0xfc, 1])],
  ['a seq that is a float', Buffer.from([0x92, 0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0])],
  ['a seq that is not a number', Buffer.from([0x92, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0, 0])],
  ['a seq of 64 bits', Buffer.from([0x93, 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0x91, 35])],
  ['250,000 arrays, each in the last', Buffer.alloc(250_000, 0x91)],
];
