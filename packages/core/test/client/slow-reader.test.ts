import { describe, expect, it } from 'vitest';
import { defineContract, stream } from '@hawser/core';
import { createTestBed } from '@hawser/core/testing';
import * as z from 'zod';

const library = defineContract({ id: 'library/1', clientToServer: { pages: stream({ item: z.string() }) } });

const page = 16_384;
const pages = 1_000_000;

describe('a reader that takes 10 items a second of a stream that could give 1,000,000', () => {
  it.each(['a generator', 'an async generator'])('bounds the source, the session and the memory (%s)', async (how) => {
    await using bed = createTestBed(library);
    let asked = 0;
    const next = (): string => {
      asked += 1;
      // A string of its own, or all would share one.
      return Buffer.alloc(page, 97 + (asked % 26)).toString('latin1');
    };
    bed.server.handle(
      'pages',
      how === 'a generator'
        ? function* () {
            while (asked < pages) yield next();
          }
        : async function* () {
            while (asked < pages) yield next();
          },
    );
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    const kept = (): number => (peer as unknown as { keptBytes: number }).keptBytes;
    const before = process.memoryUsage().heapUsed;
    const items = bed.client.stream('pages')[Symbol.asyncIterator]();
    let most = 0;
    for (let taken = 1; taken <= 1_000; taken += 1) {
      expect((await items.next()).value).toHaveLength(page);
      await bed.clock.advance(100);
      // The network's log would keep every page.
      bed.link.log.length = 0;
      // 32 wait, of which at most 256 KiB before more is granted.
      expect(asked).toBeLessThanOrEqual(taken + 32);
      most = Math.max(most, kept());
    }
    expect(most).toBeLessThanOrEqual(262_144 + 2 * page);
    // A thousand pages went through, a million could have: 16 MiB, or 16 GiB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1_048_576);
    await items.return?.();
  });
});
