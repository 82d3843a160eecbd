import { call, defineContract, message } from '@hawser/core';
import * as z from 'zod';

/** The contract the API samples use, without the kinds that come later. */
export const fleet = defineContract({
  id: 'acme.fleet/1',
  clientToServer: {
    heartbeat: message(z.object({ battery: z.number() })),
    nudge: message(),
    whoami: call({ output: z.object({ user: z.string() }) }),
    setThreshold: call({
      input: z.object({ deviceId: z.string(), max: z.number() }),
      output: z.object({ appliedAt: z.number() }),
      errors: { UNKNOWN_DEVICE: z.object({ deviceId: z.string() }), READ_ONLY: null },
      idempotent: true,
    }),
  },
  serverToClient: {
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
