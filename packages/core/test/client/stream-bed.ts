import { defineContract, message, stream, type HandlerContext } from '@hawser/core';
import { createTestBed, type TestBed, type TestBedOptions } from '@hawser/core/testing';
import { expect } from 'vitest';
import * as z from 'zod';

/** Streams both ways. */
export const river = defineContract({
  id: 'river/1',
  clientToServer: {
    note: message(z.number()),
    count: stream({ input: z.number(), item: z.number(), errors: { STUCK: z.object({ at: z.number() }), DRY: null } }),
    dates: stream({ item: z.coerce.date() }),
    ticks: stream({}),
    blobs: stream({ item: z.string() }),
  },
  serverToClient: {
    measure: stream({ input: z.number(), item: z.number(), errors: { STUCK: z.object({ at: z.number() }) } }),
  },
});
export type River = typeof river;

export function riverBed(options: TestBedOptions<River> = {}): TestBed<River> {
  return createTestBed(river, options);
}

/** A counting generator and what became of it. */
export interface Source {
  /** How many items it was asked for. */
  asked: number;
  /** How often its `finally` ran. */
  ended: number;
  /** The signal of its handler. */
  signal: AbortSignal | undefined;
  readonly handler: (upTo: number, context: HandlerContext<River['clientToServer']['count']>) => AsyncIterable<number>;
  /** As `handler`, without promises. */
  readonly plain: (upTo: number, context: HandlerContext<River['clientToServer']['count']>) => Iterable<number>;
}

export function counting(): Source {
  const source: Source = {
    asked: 0,
    ended: 0,
    signal: undefined,
    async *handler(upTo, { signal }) {
      source.signal = signal;
      try {
        for (let n = 1; n <= upTo; n += 1) {
          source.asked = n;
          yield n;
        }
      } finally {
        source.ended += 1;
      }
    },
    *plain(upTo, { signal }) {
      source.signal = signal;
      try {
        for (let n = 1; n <= upTo; n += 1) {
          source.asked = n;
          yield n;
        }
      } finally {
        source.ended += 1;
      }
    },
  };
  return source;
}

/** 1, 2, … `count`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** Reads to the end, or until it fails. */
export async function gather<T>(items: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const item of items) into.push(item);
  return into;
}

/** Lets everything run that can without the time moving. */
export async function quiet(bed: TestBed<River>): Promise<void> {
  for (let i = 0; i < 20; i += 1) await bed.clock.settle();
}

/** No handler runs at the server any more. */
export function expectNothingLeft(bed: TestBed<River>): void {
  for (const peer of bed.server.peers.values()) {
    expect((peer as unknown as { runningHandlers: number }).runningHandlers).toBe(0);
  }
}
