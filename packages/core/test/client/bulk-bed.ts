import { bytes, call, defineContract, message, upload, type Codec } from '@hawser/core';
import { createTestBed, type TestBed, type TestBedOptions } from '@hawser/core/testing';
import * as z from 'zod';
import { parseChunk, type Chunk } from '../../src/wire/chunk.ts';

const text = z.object({ n: z.number(), text: z.string() });

/** Large and small things both ways. */
export const depot = defineContract({
  id: 'depot/1',
  clientToServer: {
    note: message(text),
    other: message(z.number()),
    echo: call({ input: z.string(), output: z.string() }),
    file: upload({
      input: z.string(),
      chunk: bytes(),
      output: z.object({ size: z.number(), sum: z.number() }),
      errors: { FULL: z.object({ left: z.number() }) },
    }),
  },
  serverToClient: {
    news: message(text),
    ask: call({ input: z.string(), output: z.string() }),
    film: upload({ chunk: bytes(), output: z.number() }),
  },
});
export type Depot = typeof depot;

export function depotBed(options: TestBedOptions<Depot> = {}, codec?: Codec): TestBed<Depot> {
  const client = codec ? { codec, ...options.client } : options.client;
  return createTestBed(depot, client ? { ...options, client } : options);
}

/** The chunks one side put on the wire, oldest first. */
export function chunksOf(bed: TestBed<Depot>, direction: 'client' | 'server' = 'client'): Chunk[] {
  return bed.link.log.flatMap(({ direction: by, data }) =>
    by === direction && data instanceof Uint8Array && data[0] === 0xc1 ? parseChunk(data) : [],
  );
}

/** Bytes that differ from place to place. */
export function sample(length: number): Uint8Array {
  const made = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) made[i] = (i * 31 + (i >> 8)) & 0xff;
  return made;
}

/** Depends on every byte and its place. */
export function sumOf(data: Uint8Array, before = 1): number {
  let sum = before;
  for (const byte of data) sum = (Math.imul(sum, 31) + byte) | 0;
  return sum;
}

/** A handler that reads everything. */
export async function weigh(_: string, { chunks }: { chunks: AsyncIterable<Uint8Array> }) {
  let size = 0;
  let sum = 1;
  for await (const chunk of chunks) {
    size += chunk.length;
    sum = sumOf(chunk, sum);
  }
  return { size, sum };
}

/** Lets the time pass until it is so, or fails. */
export async function eventually(bed: TestBed<Depot>, isSo: () => boolean, most = 20_000, step = 5): Promise<void> {
  for (let passed = 0; !isSo(); passed += step) {
    if (passed > most) throw new Error(`not so after ${most} ms`);
    await bed.clock.advance(step);
    // Blobs are read outside the virtual time.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
