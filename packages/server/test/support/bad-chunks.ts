import type { Dialect } from './dialect.ts';
import type { RawSession } from './raw-session.ts';

/** A packet, or the bytes of a chunk. */
type Said = readonly unknown[] | Uint8Array;

/** Chunks by what is wrong with them: the close code they earn, and what is sent. */
export type RefusedChunks = readonly (readonly [name: string, code: number, said: () => readonly Said[]])[];

function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    bytes.push(Number(rest % 128n) + (rest > 127n ? 128 : 0));
    rest /= 128n;
  } while (rest > 0n);
  return bytes;
}

/** A chunk as the test wants it; not the product's own writer. */
export function rawChunk(
  seq: number,
  id: number,
  flags: number,
  body: number | Uint8Array,
  total?: number,
  ack = 0,
): Uint8Array {
  const bytes = typeof body === 'number' ? new Uint8Array(body).fill(0x20) : body;
  const head = [0xc1, ...leb(seq), ...leb(ack), ...leb(id), flags, ...(total === undefined ? [] : leb(total))];
  const chunk = new Uint8Array(head.length + bytes.length);
  chunk.set(head);
  chunk.set(bytes, head.length);
  return chunk;
}

/** Number and size of the bytes of a chunk. */
export function readRawChunk(data: Uint8Array): { seq: number; length: number } {
  let at = 1;
  const numbers: number[] = [];
  const read = (): void => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = data[at] ?? 0;
      at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    numbers.push(value);
  };
  for (let i = 0; i < 3; i += 1) read();
  const flags = data[at] ?? 0;
  at += 1;
  if (flags & 2) read();
  return { seq: numbers[0] ?? 0, length: data.length - at };
}

/** A value as one frame in one chunk. */
export function inOneChunk(dialect: Dialect, seq: number, id: number, frame: unknown): Uint8Array {
  const written = dialect.write(frame);
  const bytes = typeof written === 'string' ? new TextEncoder().encode(written) : written;
  return rawChunk(seq, id, 7, bytes, bytes.length);
}

/** Sends packets and chunks in order. */
export function say(session: RawSession, dialect: Dialect, said: readonly Said[]): void {
  session.peer.send(...said.map((one) => (one instanceof Uint8Array ? one : dialect.write(one))));
}

/** Bad chunks after the handshake, as one side would send them. `vault` never reads. */
export function badChunks(from: 'client' | 'server', dialect: Dialect): RefusedChunks {
  const [message, call, vault] = from === 'client' ? ['note', 'hold', 'vault'] : ['news', 'check', 'safe'];
  // Clients use odd ids, servers even ones.
  const mine = (n: number): number => 2 * n + (from === 'client' ? 1 : 2);
  const note = (n: number): unknown[] => [1, message, { n }];
  const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  const opened = (n: number): unknown[] => [5, mine(n), vault, null, 0];
  const whole = (seq: number, id: number, frame: unknown): Uint8Array => inOneChunk(dialect, seq, id, frame);
  const garbage = Uint8Array.of(0xff, 0xfe, 0xc1, 0x80);
  let deep: unknown = 1;
  for (let level = 0; level < 70; level += 1) deep = [deep];
  return [
    ['a frame of 1 TB', 4413, () => [rawChunk(1, 1, 3, 16_384, 2 ** 40)]],
    ['a frame just over the limit', 4413, () => [rawChunk(1, 1, 3, 16_384, 16_777_217)]],
    ['more than was declared, at once', 4400, () => [rawChunk(1, 1, 3, 16_384, 10)]],
    ['more than was declared, later', 4400, () => [rawChunk(1, 1, 3, 1_024, 2_000), rawChunk(2, 1, 1, 1_024)]],
    ['less than was declared', 4400, () => [rawChunk(1, 1, 3, 1_024, 9_000), rawChunk(2, 1, 5, 1_024)]],
    ['a byte at a time', 4400, () => [rawChunk(1, 1, 3, 1, 100_000)]],
    ['a byte in the middle', 4400, () => [rawChunk(1, 1, 3, 1_024, 100_000), rawChunk(2, 1, 1, 1)]],
    ['nothing in the middle', 4400, () => [rawChunk(1, 1, 3, 1_024, 100_000), rawChunk(2, 1, 1, 0)]],
    ['a number used again', 4400, () => [whole(1, 1, note(1)), whole(2, 1, note(2))]],
    ['a number that goes back', 4400, () => [whole(1, 5, note(1)), whole(2, 4, note(2))]],
    ['two beginnings', 4400, () => [rawChunk(1, 1, 3, 1_024, 9_000), rawChunk(2, 1, 3, 1_024, 9_000)]],
    ['a frame that never began', 4400, () => [rawChunk(1, 1, 1, 1_024)]],
    [
      'a frame that was given up',
      4400,
      () => [rawChunk(1, 1, 3, 1_024, 9_000), rawChunk(2, 1, 9, 0), rawChunk(3, 1, 1, 1_024)],
    ],
    ['seventeen frames', 4413, () => many(17, (i) => rawChunk(i + 1, i + 1, 3, 1_024, 9_000))],
    ['seventeen uploads', 4413, () => [[1, 0, ...many(17, opened)]]],
    ['sixteen uploads and a frame', 4413, () => [[1, 0, ...many(16, opened)], rawChunk(17, 1, 3, 1_024, 9_000)]],
    [
      '32 MiB of unfinished frames',
      4413,
      () => [
        ...many(3, (i) => rawChunk(i + 1, i + 1, 3, 65_536, 16_777_216)),
        ...many(510, (i) => rawChunk(i + 4, 1 + (i % 3), 1, 65_536)),
      ],
    ],
    ['bytes of an upload that never was', 4400, () => [rawChunk(1, mine(0), 0, 1_024)]],
    ["bytes with the other side's id", 4400, () => [rawChunk(1, mine(0) === 1 ? 2 : 1, 0, 1_024)]],
    [
      'bytes of a call',
      4400,
      () => [[1, 0, [2, mine(0), call, { n: 1 }], [2, mine(1), call, { n: 1 }]], rawChunk(3, mine(9), 0, 1_024)],
    ],
    ['bytes after the last', 4400, () => [[1, 0, opened(0)], rawChunk(2, mine(0), 4, 10), rawChunk(3, mine(0), 4, 10)]],
    ['bytes without credit', 4400, () => [[1, 0, opened(0)], ...many(17, (i) => rawChunk(i + 2, mine(0), 0, 65_536))]],
    ['an empty piece of an upload', 4400, () => [[1, 0, opened(0)], rawChunk(2, mine(0), 0, 0)]],
    ['tiny pieces of an upload', 4400, () => [[1, 0, opened(0)], rawChunk(2, mine(0), 0, 1_023)]],
    ['credit from the one that uploads', 4400, () => [[1, 0, opened(0), [8, mine(0), 5_000_000]]]],
    ['flags nobody knows', 4400, () => [rawChunk(1, 1, 0x43, 1_024, 9_000)]],
    ['no number', 4400, () => [rawChunk(0, 1, 3, 1_024, 9_000)]],
    ['a gap', 4540, () => [rawChunk(2, 1, 3, 1_024, 9_000)]],
    ['an ack of what was never sent', 4400, () => [rawChunk(1, 1, 3, 1_024, 9_000, 99)]],
    ['only its mark', 4400, () => [Uint8Array.of(0xc1)]],
    ['a ping in chunks', 4400, () => [whole(1, 1, [35, 1])]],
    ['a hello in chunks', 4400, () => [whole(1, 1, [32, {}])]],
    ['no frame', 4400, () => [whole(1, 1, 5)]],
    ['a packet for a frame', 4400, () => [whole(1, 1, [1, 0, note(1)])]],
    ['a frame nested too deep', 4400, () => [whole(1, 1, [1, message, deep])]],
    ['bytes that are no frame', 4400, () => [rawChunk(1, 1, 7, garbage, garbage.length)]],
    [
      'two frames in one',
      4400,
      () => {
        const two = new TextEncoder().encode('[1,"x"],[1,"x"]');
        return [rawChunk(1, 1, 7, two, two.length)];
      },
    ],
    ['an id in use', 4400, () => [[1, 0, opened(0)], whole(2, 1, opened(0))]],
  ];
}

/** Bad frames of whoever is uploaded to; `id` is that of the upload, no call or upload has a higher one. */
export function badReplies(id: number): readonly (readonly [name: string, ...frames: (readonly unknown[])[]])[] {
  return [
    ['no credit', [8, id, 0]],
    ['negative credit', [8, id, -1]],
    ['half a credit', [8, id, 0.5]],
    ['credit without a number', [8, id]],
    ['credit of another type', [8, id, '1024']],
    ['more credit than can be held', [8, id, 2_147_483_648]],
    ['more credit than can be held, with what is there', [8, id, 2_147_483_647]],
    ['credit for what was never opened', [8, id + 2, 1]],
    ['an item', [6, id, 1]],
    ['the end of a stream', [7, id]],
    ['an answer to what was never opened', [3, id + 2, { n: 1 }]],
  ];
}
