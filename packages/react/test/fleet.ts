import { call, defineContract, message } from '@hawser/core';
import * as z from 'zod';

const Reading = z.object({ deviceId: z.string(), celsius: z.number() });

/** The contract that the tests of this package speak. */
export const fleet = defineContract({
  id: 'test.fleet/1',
  clientToServer: {
    heartbeat: message(z.object({ battery: z.number() })),
    ping: message(),
    whoami: call({ output: z.object({ user: z.string() }) }),
    setThreshold: call({
      input: z.object({ deviceId: z.string(), max: z.number() }),
      output: z.object({ appliedAt: z.number() }),
      errors: { UNKNOWN_DEVICE: z.object({ deviceId: z.string() }), READ_ONLY: null },
      idempotent: true,
    }),
  },
  serverToClient: {
    alarm: message(z.object({ level: z.enum(['warn', 'crit']), text: z.string() })),
    reading: message(Reading),
    maintenance: message(z.object({ at: z.coerce.date() })),
    reboot: call({
      input: z.object({ delaySec: z.number() }),
      output: z.object({ ok: z.boolean() }),
      errors: { BUSY: z.object({ job: z.string() }) },
    }),
  },
});
export type Fleet = typeof fleet;
