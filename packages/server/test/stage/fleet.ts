import { call, defineContract, message } from '@hawser/core';
import * as z from 'zod';

/** The contract of this package's tests. */
export const fleet = defineContract({
  id: 'acme.fleet/1',
  clientToServer: {
    heartbeat: message(z.object({ battery: z.number() })),
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
    reboot: call({
      input: z.object({ delaySec: z.number() }),
      output: z.object({ ok: z.boolean() }),
      errors: { BUSY: z.object({ job: z.string() }) },
    }),
  },
});

/** Type of {@link fleet}. */
export type Fleet = typeof fleet;

/** Handlers for servers whose tests are about something else. */
export const idleHandlers = {
  whoami: (): { user: string } => ({ user: 'nobody' }),
  setThreshold: (): { appliedAt: number } => ({ appliedAt: 0 }),
};

/** An alarm with this text. */
export function alarm(text: string): { deviceId: string; level: 'warn'; text: string } {
  return { deviceId: 'd1', level: 'warn', text };
}
