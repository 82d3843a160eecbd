import { bytes, defineContract, message, upload } from '@hawser/core';
import * as z from 'zod';

/** What both processes of the measurement speak. */
export const bulkBench = defineContract({
  id: 'hawser.bulk-bench/1',
  clientToServer: {
    /** Answers with the size and the SHA-256 of what came. */
    file: upload({ chunk: bytes(), output: z.object({ size: z.number(), sha256: z.string() }) }),
    /** Carries when it was sent; comes back as `pong`. */
    tick: message(z.object({ at: z.number() })),
  },
  serverToClient: {
    /** How long the tick took one way, milliseconds. */
    tock: message(z.object({ took: z.number(), at: z.number() })),
  },
});

/** Milliseconds on a clock that both processes share. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}
