import { defineContract, message, topic, type TopicMeta, type TopicObserver } from '@hawser/core';
import { createTestBed, type TestBed, type TestBedOptions } from '@hawser/core/testing';
import * as z from 'zod';

/** Topics with and without parameters, with every way to retain. */
export const board = defineContract({
  id: 'board/1',
  topics: {
    telemetry: topic({ params: z.object({ fleetId: z.string() }), data: z.number(), retain: 'last' }),
    log: topic({ params: z.object({ of: z.string(), level: z.number().optional() }), data: z.string(), retain: 3 }),
    notices: topic({ data: z.string() }),
    quotes: topic({ data: z.object({ of: z.string(), at: z.number() }), conflate: ({ of }) => of }),
    day: topic({ params: z.object({ at: z.coerce.date() }), data: z.number() }),
  },
  clientToServer: { note: message(z.object({ n: z.number() })) },
});
export type Board = typeof board;

export function boardOf(options: TestBedOptions<Board> = {}): TestBed<Board> {
  return createTestBed(board, options);
}

/** Topic frames of one end in order of the wire, one list per packet. */
export function topicPackets(bed: TestBed<Board>, direction: 'client' | 'server'): unknown[][][] {
  return bed.link.log
    .filter((entry) => entry.direction === direction && entry.event === 'message')
    .map((entry) => (JSON.parse(String(entry.data)) as unknown[]).slice(2) as [number, ...unknown[]][])
    .map((frames) => frames.filter(([kind]) => kind >= 42 && kind <= 46))
    .filter((frames) => frames.length > 0);
}

/** Everything a subscriber is told, as short texts. */
export function recorder<T>(): TopicObserver<T> & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    next: (value: T, { gap, offset }: TopicMeta) =>
      void told.push(`${JSON.stringify(value)} @${offset}${gap ? ' gap' : ''}`),
    error: ({ code }) => void told.push(code),
    complete: () => void told.push('complete'),
  };
}
