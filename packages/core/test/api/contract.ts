import { call, defineContract, message, stream } from '@hawser/core';
import * as z from 'zod';

const reading = z.object({ celsius: z.number(), at: z.coerce.date() });

/** The contract the API samples use, without the kinds that come later. */
export const fleet = defineContract({
  id: 'acme.fleet/1',
  clientToServer: {
    heartbeat: message(z.object({ battery: z.number() })),
    nudge: message(),
    whoami: call({ output: z.object({ user: z.string() }) }),
    history: stream({
      input: z.object({ deviceId: z.string(), hours: z.number() }),
      item: reading,
      errors: { UNKNOWN_DEVICE: z.object({ deviceId: z.string() }), ARCHIVED: null },
    }),
    setThreshold: call({
      input: z.object({ deviceId: z.string(), max: z.number() }),
      output: z.object({ appliedAt: z.number() }),
      errors: { UNKNOWN_DEVICE: z.object({ deviceId: z.string() }), READ_ONLY: null },
      idempotent: true,
    }),
  },
  serverToClient: {
    logs: stream({ input: z.object({ lines: z.number() }), item: z.string() }),
    alarm: message(z.object({ deviceId: z.string(), level: z.enum(['warn', 'crit']), text: z.string() })),
    maintenance: message(z.object({ at: z.coerce.date() })),
    reboot: call({
      input: z.object({ delaySec: z.number() }),
      output: z.object({ ok: z.boolean() }),
      errors: { BUSY: z.object({ job: z.string() }) },
    }),
  },
});
export type Fleet = typeof fleet;
