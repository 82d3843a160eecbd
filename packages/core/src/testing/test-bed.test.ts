import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { call } from '../peer/call/define-call.ts';
import { defineContract, message } from '../peer/contract.ts';
import { createTestBed } from './test-bed.ts';

const contract = defineContract({
  id: 'test/1',
  clientToServer: {
    note: message(z.object({ n: z.number() })),
    whoami: call({ output: z.object({ user: z.string() }) }),
    double: call({ input: z.number(), output: z.number(), errors: { ODD: z.object({ n: z.number() }) } }),
  },
  serverToClient: {
    alarm: message(z.object({ text: z.string() })),
    reboot: call({ input: z.object({ delay: z.number() }), output: z.boolean() }),
  },
});

describe('test bed', () => {
  it('carries messages and calls both ways, and resumes after a cut with nothing missing', async () => {
    await using bed = createTestBed(contract);
    bed.server.handle('whoami', () => ({ user: 'ada' }));
    bed.server.handle('double', (n, ctx) => (n % 2 === 1 ? ctx.fail('ODD', { n }) : n * 2));
    const notes: number[] = [];
    bed.server.on('note', ({ n }) => notes.push(n));
    const alarms: string[] = [];
    bed.client.on('alarm', (a) => alarms.push(a.text));
    bed.client.handle('reboot', ({ delay }) => delay > 1);
    const states: string[] = [];
    bed.client.onState((s) => states.push(s.status));

    await bed.client.connect();
    expect(await bed.client.call('whoami')).toEqual({ user: 'ada' });
    const odd = await bed.client.safeCall('double', 3);
    expect(odd.ok === false && odd.error.code === 'ODD' && odd.error.data).toEqual({ n: 3 });
    const [peer] = [...bed.server.peers.values()];
    expect(await peer?.call('reboot', { delay: 5 })).toBe(true);

    for (let n = 0; n < 5; n += 1) bed.client.send('note', { n });
    bed.link.drop({ code: 1006 });
    bed.client.send('note', { n: 5 });
    bed.server.broadcast('alarm', { text: 'away' });
    expect(bed.client.state.status).toBe('reconnecting');
    bed.link.refuse(2);
    await bed.clock.advance(20_000);
    expect(bed.client.state.status).toBe('connected');
    expect(notes).toEqual([0, 1, 2, 3, 4, 5]);
    expect(alarms).toEqual(['away']);
    expect(bed.server.problems).toEqual([]);
    expect(states).toContain('reconnecting');
  });

  it('tells once and sorted when the server forgot the session', async () => {
    await using bed = createTestBed(contract);
    const notes: number[] = [];
    bed.server.on('note', ({ n }) => notes.push(n));
    await bed.client.connect();
    const lost: unknown[] = [];
    bed.client.onSessionLost((l) => lost.push(l));
    bed.client.send('note', { n: 1 });
    await bed.clock.advance(2_000);
    bed.link.halfOpen();
    bed.client.send('note', { n: 2 });
    await bed.clock.settle();
    bed.server.restart();
    bed.client.send('note', { n: 3 });
    await bed.clock.advance(60_000);
    expect(notes).toEqual([1, 3]);
    expect(lost).toMatchObject([
      {
        why: 'unknown',
        outbound: {
          acked: 1,
          unknown: [{ kind: 'message', name: 'note', data: { n: 2 } }],
          unsent: [{ data: { n: 3 } }],
        },
        requeued: true,
      },
    ]);
  });
});
