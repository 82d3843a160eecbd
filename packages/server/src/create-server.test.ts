import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { call, createClient, defineContract, message } from '@hawser/core';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { createServer } from './create-server.ts';

const fleet = defineContract({
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

it('runs the sample', async () => {
  await using server = createServer({
    contract: fleet,
    authenticate: async ({ auth }) => ({ userId: String(auth) }),
  }).implement({
    whoami: (_, { peer }) => ({ user: peer.auth.userId }),
    setThreshold: async ({ deviceId }, { fail }) => {
      if (deviceId !== 'd1') fail('UNKNOWN_DEVICE', { deviceId });
      return { appliedAt: 1 };
    },
  });
  const http = createHttp();
  server.attach(http, { path: '/ws' });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  await using client = createClient({
    contract: fleet,
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`,
    auth: 'ada',
  });
  const beats: unknown[] = [];
  server.on('heartbeat', ({ battery }, { peer }) => beats.push([peer.id, battery]));
  client.handle('reboot', ({ delaySec }, { fail }) => (delaySec > 1 ? fail('BUSY', { job: 'x' }) : { ok: true }));
  const alarm = client.once('alarm');
  client.send('heartbeat', { battery: 0.5 });
  expect(await client.call('whoami')).toEqual({ user: 'ada' });
  expect(beats).toEqual([[client.sessionId, 0.5]]);
  const res = await client.safeCall('setThreshold', { deviceId: 'd2', max: 1 });
  expect(!res.ok && res.error.code).toBe('UNKNOWN_DEVICE');
  for (const peer of server.peers.values()) {
    const r = await peer.safeCall('reboot', { delaySec: 5 }, { timeout: 3_000 });
    expect(!r.ok && r.error.code === 'BUSY' && r.error.data.job).toBe('x');
    peer.send('alarm', { deviceId: peer.id, level: 'warn', text: 'rebooting' });
  }
  expect((await alarm).text).toBe('rebooting');
  http.close();
});
