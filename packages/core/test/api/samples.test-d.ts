import {
  bytes,
  call,
  createClient,
  defineContract,
  message,
  stream,
  upload,
  type CallError,
  type Client,
  type ConnectionState,
  type ErrorOf,
  type InputOf,
  type MessageOf,
  type OutputOf,
  type SystemCode,
  type SystemError,
} from '@hawser/core';
import { createTestBed } from '@hawser/core/testing';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { fleet, type Fleet } from './contract.ts';

declare function freshToken(): Promise<string>;

// api.md section 2: every option of the sample is accepted.
const client = createClient({
  contract: fleet,
  url: () => `wss://${globalThis.location?.host ?? 'localhost:8080'}/ws`,
  auth: async () => ({ token: await freshToken() }),
  lazy: true,
  idleTimeout: 5_000,
  reconnect: { minDelay: 500, maxDelay: 20_000 },
  callTimeout: 10_000,
  validate: 'inbound',
});

describe('connection state', () => {
  it('closes with satisfies never', () => {
    function banner(s: ConnectionState): string | null {
      switch (s.status) {
        case 'idle':
        case 'connecting':
          return null;
        case 'connected':
          return s.degraded ? 'Slow connection' : null;
        case 'reconnecting':
          return `Reconnecting, attempt ${s.attempt}, next in ${Math.ceil((s.retryAt - Date.now()) / 1000)} s`;
        case 'suspended':
          return s.reason === 'unauthenticated' ? 'Please sign in again' : 'Offline';
        case 'closed':
          return s.reason === 'incompatible' ? 'Please reload' : 'Disconnected';
        default:
          return s satisfies never;
      }
    }
    expectTypeOf(banner).returns.toEqualTypeOf<string | null>();
    const stop = client.onState((now, before) => [before.status, now.status]);
    expectTypeOf(stop).toEqualTypeOf<() => void>();
    client.onProblem((p) => [p.kind, p.name, p.error.code satisfies SystemCode]);
    client.onSessionLost((lost) => [lost.outbound.acked, lost.outbound.unsent[0]?.name, lost.why]);
  });
});

describe('messages', () => {
  it('types payloads and directions', async () => {
    client.send('heartbeat', { battery: 0.8 });
    client.send('heartbeat', { battery: 0.8 }, { whenOffline: 'drop' });
    client.send('nudge');
    client.send('nudge', undefined, { whenOffline: 'drop' });
    // @ts-expect-error payload is checked
    client.send('heartbeat', { battery: 'full' });
    // @ts-expect-error the payload is required
    client.send('heartbeat');
    // @ts-expect-error this message has no payload
    client.send('nudge', { any: 1 });
    // @ts-expect-error only the server may send alarms
    client.send('alarm', { deviceId: 'd1', level: 'warn', text: '' });
    // @ts-expect-error a call is not a message
    client.send('whoami');
    // @ts-expect-error nobody declared this name
    client.send('nope');

    const off = client.on('alarm', (alarm, meta) => {
      expectTypeOf(alarm).toEqualTypeOf<{ deviceId: string; level: 'warn' | 'crit'; text: string }>();
      expectTypeOf(meta.gap).toEqualTypeOf<boolean>();
    });
    off();
    const controller = new AbortController();
    client.on('maintenance', (m) => expectTypeOf(m.at).toEqualTypeOf<Date>(), { signal: controller.signal });
    // @ts-expect-error clients send heartbeats, they do not receive them
    client.on('heartbeat', () => undefined);
    const next = await client.once('alarm', { timeout: 30_000, signal: controller.signal });
    expectTypeOf(next.deviceId).toEqualTypeOf<string>();
  });
});

const wall = defineContract({ id: 'wall/1', clientToServer: { ticks: stream({}) } });
const clock = createClient({ contract: wall, url: 'wss://example.org' });

describe('streams', () => {
  it('types input, items and options, for both ways to read', async () => {
    for await (const r of client.stream('history', { deviceId: 'd1', hours: 24 })) {
      expectTypeOf(r).toEqualTypeOf<{ celsius: number; at: Date }>();
      break;
    }
    using live = client.stream('history', { deviceId: 'd1', hours: 1 }, { window: 8 }).subscribe({
      next: (r) => expectTypeOf(r.celsius).toEqualTypeOf<number>(),
      error: (error) => expectTypeOf(error).toEqualTypeOf<unknown>(),
      complete: () => undefined,
    });
    expectTypeOf(live.closed).toEqualTypeOf<boolean>();
    clock.stream('ticks').subscribe((item) => expectTypeOf(item).toEqualTypeOf<undefined>());
    clock.stream('ticks', undefined, { signal: AbortSignal.timeout(5_000) });
    expectTypeOf<OutputOf<Fleet, 'history'>>().toEqualTypeOf<{ celsius: number; at: Date }>();
    type Codes = ErrorOf<Fleet, 'history'>['code'];
    expectTypeOf<Exclude<Codes, SystemCode>>().toEqualTypeOf<'UNKNOWN_DEVICE' | 'ARCHIVED'>();
    expectTypeOf<'SESSION_LOST' | 'INVALID_OUTPUT'>().toExtend<Codes>();

    // @ts-expect-error the input is checked
    client.stream('history', { deviceId: 'd1' });
    // @ts-expect-error the input is required
    client.stream('history');
    // @ts-expect-error this stream has no input
    clock.stream('ticks', { any: 1 });
    // @ts-expect-error not an option of streams
    clock.stream('ticks', undefined, { timeout: 1 });
    // @ts-expect-error only the server may read this one
    client.stream('logs', { lines: 1 });
    // @ts-expect-error a call is not a stream
    client.stream('whoami');
    // @ts-expect-error a stream is not a call
    void client.call('history', { deviceId: 'd1', hours: 1 });
    // @ts-expect-error items have the type of the contract
    client.stream('history', { deviceId: 'd1', hours: 1 }).subscribe((r: string) => r);
  });

  it('types handlers by what they yield', () => {
    client.handle('logs', async function* ({ lines }, { signal }) {
      expectTypeOf(lines).toEqualTypeOf<number>();
      while (!signal.aborted) yield 'a line';
    });
    client.handle('logs', ({ lines }) => Array.from({ length: lines }, () => 'a line'));
    // @ts-expect-error items have the type of the contract
    client.handle('logs', async function* () {
      yield 7;
    });
    // @ts-expect-error a promise of a list cannot be iterated
    client.handle('logs', async () => ['a line']);
    // @ts-expect-error clients read the history, they do not give it
    client.handle('history', () => []);

    const bed = createTestBed(fleet);
    bed.server.handle('history', function* ({ deviceId }, { fail, peer }) {
      if (deviceId === 'd2') fail('ARCHIVED');
      if (deviceId === 'd3') fail('UNKNOWN_DEVICE', { deviceId });
      // @ts-expect-error not an error of this stream
      if (deviceId === 'd4') fail('READ_ONLY');
      expectTypeOf(peer.id).toEqualTypeOf<string>();
      yield { celsius: 20, at: new Date() };
    });
    // @ts-expect-error half an item
    bed.server.handle('history', () => [{ celsius: 20 }]);
    const [peer] = bed.server.peers.values();
    peer?.stream('logs', { lines: 3 }).subscribe((line) => expectTypeOf(line).toEqualTypeOf<string>());
    // @ts-expect-error a stream needs handlers that iterate
    bed.server.handle('history', () => 7);
  });

  it('keeps error names apart from system codes', () => {
    // @ts-expect-error TIMEOUT is a system code
    stream({ errors: { TIMEOUT: null } });
  });
});

describe('calls', () => {
  it('types input, output and errors', async () => {
    const { appliedAt } = await client.call(
      'setThreshold',
      { deviceId: 'd1', max: 80 },
      { timeout: 2_000, signal: AbortSignal.timeout(5_000), idempotencyKey: 'edit-42' },
    );
    expectTypeOf(appliedAt).toEqualTypeOf<number>();
    expectTypeOf((await client.call('whoami')).user).toEqualTypeOf<string>();
    // @ts-expect-error the input is checked
    void client.call('setThreshold', { deviceId: 'd1' });
    // @ts-expect-error the input is required
    void client.call('setThreshold');
    // @ts-expect-error only the server may call reboot
    void client.call('reboot', { delaySec: 1 });

    const res = await client.safeCall('setThreshold', { deviceId: 'd1', max: 80 });
    if (res.ok) expectTypeOf(res.data).toEqualTypeOf<{ appliedAt: number }>();
    else if (res.error.origin === 'domain') {
      switch (res.error.code) {
        case 'UNKNOWN_DEVICE':
          expectTypeOf(res.error.data).toEqualTypeOf<{ deviceId: string }>();
          break;
        case 'READ_ONLY':
          expectTypeOf(res.error.data).toEqualTypeOf<undefined>();
          break;
        default:
          res.error satisfies never;
      }
    } else expectTypeOf(res.error.code).toEqualTypeOf<SystemCode>();
  });

  it('types handlers', () => {
    client.handle('reboot', async ({ delaySec }, ctx) => {
      expectTypeOf(delaySec).toEqualTypeOf<number>();
      expectTypeOf(ctx.signal).toEqualTypeOf<AbortSignal>();
      if (delaySec > 10) ctx.fail('BUSY', { job: 'backup' });
      // @ts-expect-error the contract declares no such error
      if (delaySec > 20) ctx.fail('NOPE');
      // @ts-expect-error the data of BUSY is checked
      if (delaySec > 30) ctx.fail('BUSY', { job: 1 });
      return { ok: true };
    });
    // @ts-expect-error the output is checked
    client.handle('reboot', () => ({ ok: 'yes' }));
    // @ts-expect-error the server answers whoami
    client.handle('whoami', () => ({ user: 'me' }));
  });

  it('offers the errors of a call as a union', () => {
    type SetErr = ErrorOf<Fleet, 'setThreshold'>;
    function explain(e: SetErr): string {
      if (e.origin === 'system') return e.retryable ? 'Please try again' : `Failed: ${e.code}`;
      switch (e.code) {
        case 'UNKNOWN_DEVICE':
          return `No device ${e.data.deviceId}`;
        case 'READ_ONLY':
          return 'Read only';
        default:
          return e satisfies never;
      }
    }
    expectTypeOf(explain).returns.toEqualTypeOf<string>();
    expectTypeOf<SetErr>().toEqualTypeOf<CallError<Fleet['clientToServer']['setThreshold']>>();
  });
});

describe('contracts', () => {
  it('keeps both sides of a transforming schema', () => {
    expectTypeOf<InputOf<Fleet, 'heartbeat'>>().toEqualTypeOf<{ battery: number }>();
    expectTypeOf<OutputOf<Fleet, 'whoami'>>().toEqualTypeOf<{ user: string }>();
    type Received = MessageOf<Fleet['serverToClient']>;
    const read = (m: Received): unknown => {
      switch (m.type) {
        case 'alarm':
          return m.data.text;
        case 'maintenance':
          return m.data.at.getTime();
        default:
          return m satisfies never;
      }
    };
    expectTypeOf(read).toBeFunction();
  });

  it('takes any Standard Schema', () => {
    const other = defineContract({
      id: 'valibot/1',
      clientToServer: {
        note: message(v.object({ n: v.number() })),
        add: call({ input: v.tuple([v.number(), v.number()]), output: v.number() }),
      },
    });
    const typed: Client<typeof other> = createClient({ contract: other, url: 'ws://localhost:1' });
    expectTypeOf(typed.call<'add'>).returns.resolves.toEqualTypeOf<number>();
    // @ts-expect-error valibot's types are checked as well
    typed.send('note', { n: 'one' });
  });

  it('knows of no errors where none are declared', () => {
    const plain = defineContract({
      id: 'plain/1',
      clientToServer: { ask: call({}), rows: stream({}), file: upload({ chunk: bytes() }) },
    });
    type Plain = typeof plain;
    expectTypeOf<ErrorOf<Plain, 'ask' | 'rows' | 'file'>>().toEqualTypeOf<SystemError>();
    const bed = createTestBed(plain);
    // @ts-expect-error it declares none
    bed.server.handle('ask', (_, { fail }) => fail('ANY'));
    // @ts-expect-error it declares none
    bed.server.handle('rows', (_, { fail }) => fail('ANY'));
    // @ts-expect-error it declares none
    bed.server.handle('file', (_, { fail }) => fail('ANY'));
  });

  it('refuses system codes as error names', () => {
    // @ts-expect-error TIMEOUT belongs to Hawser
    call({ errors: { TIMEOUT: null } });
    call({ errors: { TOO_HOT: z.number() } });
  });
});

describe('test kit', () => {
  it('is typed by the contract', async () => {
    await using bed = createTestBed(fleet, { clock: 'virtual' });
    bed.server.handle('whoami', () => ({ user: 'ada' }));
    // @ts-expect-error the output is checked
    bed.server.handle('whoami', () => ({ user: 1 }));
    bed.server.broadcast('alarm', { deviceId: 'd', level: 'warn', text: 't' });
    // @ts-expect-error the payload is checked
    bed.server.broadcast('alarm', { deviceId: 'd' });
    bed.link.drop({ code: 1006 });
    bed.link.refuse(2);
    await bed.clock.advance(5_000);
    expectTypeOf(bed.client.state.status).toBeString();
  });
});

// A type is `any` when both branches of a conditional on 0 are possible.
type IsAny<T> = 0 extends 1 & T ? true : false;

describe('public types', () => {
  it('leak no any', () => {
    type Members = {
      [K in keyof Client<Fleet>]: Client<Fleet>[K] extends (...args: infer A) => infer R
        ? IsAny<R> extends true
          ? K
          : true extends { [I in keyof A]: IsAny<A[I]> }[number]
            ? K
            : never
        : IsAny<Client<Fleet>[K]> extends true
          ? K
          : never;
    }[keyof Client<Fleet>];
    expectTypeOf<Members>().toEqualTypeOf<never>();
    expectTypeOf<IsAny<InputOf<Fleet, 'heartbeat'>>>().toEqualTypeOf<false>();
    expectTypeOf<IsAny<OutputOf<Fleet, 'whoami'>>>().toEqualTypeOf<false>();
    expectTypeOf<IsAny<ErrorOf<Fleet, 'setThreshold'>>>().toEqualTypeOf<false>();
  });
});
