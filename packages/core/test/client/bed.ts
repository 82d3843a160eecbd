import { call, defineContract, message } from '@hawser/core';
import { createTestBed, type TestBed, type TestBedOptions } from '@hawser/core/testing';
import * as z from 'zod';

/** A small contract with every kind both ways. */
export const desk = defineContract({
  id: 'desk/1',
  clientToServer: {
    note: message(z.object({ n: z.number() })),
    double: call({ input: z.number(), output: z.number(), errors: { ODD: z.object({ n: z.number() }) } }),
    slow: call({ output: z.string() }),
  },
  serverToClient: {
    news: message(z.object({ at: z.coerce.date(), text: z.string() })),
    ask: call({ input: z.string(), output: z.number() }),
  },
});
export type Desk = typeof desk;

export function bedOf(options: TestBedOptions<Desk> = {}): TestBed<Desk> {
  return createTestBed(desk, options);
}

/** The packets the client put on the wire, without handshakes and heartbeats. */
export function packetsOf(bed: TestBed<Desk>, direction: 'client' | 'server'): unknown[][] {
  return bed.link.log
    .filter((entry) => entry.direction === direction && entry.event === 'message')
    .map((entry) => JSON.parse(String(entry.data)) as unknown[])
    .map((packet) => packet.slice(2).filter((frame) => ((frame as number[])[0] ?? 0) < 32))
    .filter((frames) => frames.length > 0) as unknown[][];
}

/** Resolves with what the promise rejected with. */
export async function rejection(
  promise: Promise<unknown>,
): Promise<{ code?: string; executed?: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    return error as { code?: string; executed?: string; message: string };
  }
  throw new Error('it was expected to reject');
}
