import * as z from 'zod';

/** What every workload carries: about 130 bytes as JSON. */
export const readingSchema = z.object({
  n: z.number(),
  device: z.string(),
  celsius: z.number(),
  at: z.number(),
  state: z.enum(['running', 'idle', 'fault']),
  note: z.string(),
});
export type Reading = z.infer<typeof readingSchema>;

/** The reading with running number `n`; a new object every time, as an application makes them. */
export function readingOf(n: number): Reading {
  return {
    n,
    device: 'boiler-0042',
    celsius: 71.25,
    at: 1_790_000_000_000,
    state: 'running',
    note: 'pressure steady, valve 3 open',
  };
}
