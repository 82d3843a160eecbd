import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { call, defineContract, message, type Contract } from '@hawser/core';
import { msgpackCodec } from '@hawser/core/msgpack';
import {
  createServer,
  jsonCodec,
  refusal,
  type Middleware,
  type NothingAdded,
  type PeerEnd,
  type Server,
  type ServerHandlers,
  type ServerPeer,
} from '@hawser/server';
import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { fleet, type Fleet } from '../test/stage/fleet.ts';

interface User {
  readonly userId: string;
}

const draft = createServer({ contract: fleet, authenticate: async ({ auth }) => ({ userId: String(auth) }) });
const whoami = () => ({ user: 'ada' });
const setThreshold = () => ({ appliedAt: 1 });

describe('the sample of the documentation', () => {
  it('infers everything from the contract and from authenticate', () => {
    const server = draft.implement({
      whoami: (input, { peer, signal }) => {
        expectTypeOf(input).toEqualTypeOf<undefined>();
        expectTypeOf(peer).toEqualTypeOf<ServerPeer<Fleet, { userId: string }>>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        return { user: peer.auth.userId };
      },
      setThreshold: async ({ deviceId, max }, { fail }) => {
        expectTypeOf(max).toEqualTypeOf<number>();
        if (max < 0) fail('READ_ONLY');
        if (deviceId !== 'd1') fail('UNKNOWN_DEVICE', { deviceId });
        // @ts-expect-error not an error of this call
        fail('BUSY', { job: 'x' });
        // @ts-expect-error its data is missing
        fail('UNKNOWN_DEVICE');
        // @ts-expect-error its data is of another shape
        fail('UNKNOWN_DEVICE', { device: 'd1' });
        return { appliedAt: Date.now() };
      },
    });
    expectTypeOf(server).toEqualTypeOf<Server<Fleet, { userId: string }>>();
    server.on('heartbeat', ({ battery }, { peer }) => {
      expectTypeOf(battery).toEqualTypeOf<number>();
      expectTypeOf(peer.auth.userId).toEqualTypeOf<string>();
    });
    // @ts-expect-error a call is no message
    server.on('whoami', () => undefined);
    // @ts-expect-error only the server sends alarms
    server.on('alarm', () => undefined);
    // @ts-expect-error the level is unknown
    server.broadcast('alarm', { deviceId: 'd1', level: 'mild', text: '' });
    // @ts-expect-error data is missing
    server.broadcast('alarm');
    server.onPeer((peer) => expectTypeOf(peer.id).toEqualTypeOf<string>());
    server.onPeerEnd((_, end) => expectTypeOf(end).toEqualTypeOf<PeerEnd>());
  });

  it('calls clients with typed answers and errors', async () => {
    const server = draft.implement({ whoami, setThreshold });
    for (const peer of server.peers.values()) {
      const r = await peer.safeCall('reboot', { delaySec: 5 }, { timeout: 3_000 });
      if (r.ok) expectTypeOf(r.data).toEqualTypeOf<{ ok: boolean }>();
      else if (r.error.code === 'BUSY') expectTypeOf(r.error.data).toEqualTypeOf<{ job: string }>();
      peer.send('alarm', { deviceId: peer.id, level: 'warn', text: 'rebooting' });
      // @ts-expect-error only clients send it
      peer.send('heartbeat', { battery: 1 });
      // @ts-expect-error the input is missing
      void peer.call('reboot');
      // @ts-expect-error identity is not to be changed
      peer.auth = { userId: 'eve' };
    }
    // @ts-expect-error sessions come and go by the protocol only
    server.peers.clear();
  });
});

describe('the handler map', () => {
  it('is complete, and holds nothing else', () => {
    // @ts-expect-error setThreshold is missing
    draft.implement({ whoami });
    // @ts-expect-error there is no such call
    draft.implement({ whoami, setThreshold, reboot: () => ({ ok: true }) });
    // @ts-expect-error a message has no handler
    draft.implement({ whoami, setThreshold, heartbeat: () => undefined });
    // @ts-expect-error the output is of another shape
    draft.implement({ whoami: () => ({ name: 'ada' }), setThreshold });
    // @ts-expect-error the output is missing
    draft.implement({ whoami: () => undefined, setThreshold });
    // @ts-expect-error the input is of another type
    draft.implement({ whoami, setThreshold: (input: string) => ({ appliedAt: input.length }) });
  });

  it('can be written apart', () => {
    const handlers: ServerHandlers<Fleet, User> = {
      whoami: (_, { peer }) => ({ user: peer.auth.userId }),
      setThreshold,
    };
    createServer<Fleet, User>({ contract: fleet, authenticate: () => ({ userId: 'ada' }) }).implement(handlers);
  });

  it('is empty for a contract without calls', () => {
    const quiet = defineContract({ id: 'quiet/1', clientToServer: { note: message() } });
    createServer({ contract: quiet, authenticate: 'none' }).implement({});
  });

  it('takes what schemas make of the input, and what they accept as output', () => {
    const dates = defineContract({
      id: 'dates/1',
      clientToServer: { next: call({ input: z.coerce.date(), output: z.string().transform(Number) }) },
    });
    createServer({ contract: dates, authenticate: 'none' }).implement({
      next: (date) => {
        expectTypeOf(date).toEqualTypeOf<Date>();
        return '42';
      },
    });
  });
});

describe('authenticate', () => {
  it("is required; 'none' leaves peers without identity", () => {
    // @ts-expect-error nothing is open by accident
    createServer({ contract: fleet });
    // @ts-expect-error no other word will do
    createServer({ contract: fleet, authenticate: 'all' });
    createServer({ contract: fleet, authenticate: 'none' }).implement({
      whoami: (_, { peer }) => {
        expectTypeOf(peer.auth).toEqualTypeOf<undefined>();
        return { user: '' };
      },
      setThreshold,
    });
  });

  it('must find somebody or refuse', () => {
    // @ts-expect-error nothing says nobody
    createServer({ contract: fleet, authenticate: () => undefined });
    // @ts-expect-error null says nobody
    createServer({ contract: fleet, authenticate: async () => null });
    // @ts-expect-error nobody is among what it may find
    createServer({ contract: fleet, authenticate: async ({ auth }) => (auth === 'x' ? { userId: 'x' } : null) });
    // @ts-expect-error a yes or no is no identity
    createServer({ contract: fleet, authenticate: ({ auth }) => auth === 'secret' });
    const user = createServer({
      contract: fleet,
      authenticate: ({ auth, request, refuse }): User => {
        expectTypeOf(auth).toEqualTypeOf<unknown>();
        expectTypeOf(request.origin).toEqualTypeOf<string | undefined>();
        expectTypeOf(request.headers.cookie).toEqualTypeOf<string | undefined>();
        if (request.url === '/ws') return { userId: 'ada' };
        // @ts-expect-error not a reason a client understands
        if (request.url === '/x') refuse('NOT_FOUND', 'x');
        return refuse('RATE_LIMITED', 'slow down', 5_000);
      },
      principal: ({ userId }) => userId,
    }).implement({ whoami: (_, { peer }) => ({ user: peer.auth.userId }), setThreshold });
    expectTypeOf(user).toEqualTypeOf<Server<Fleet, User>>();
  });
});

describe('middleware', () => {
  it('sees what is asked and by whom, and adds typed context for all that follow', () => {
    const server = draft
      .use(async ({ kind, name, input, auth, peer, signal, traceparent, context, next }) => {
        expectTypeOf(kind).toEqualTypeOf<'call'>();
        expectTypeOf(name).toEqualTypeOf<'whoami' | 'setThreshold'>();
        if (name === 'setThreshold') expectTypeOf(input.max).toEqualTypeOf<number>();
        expectTypeOf(auth).toEqualTypeOf<{ userId: string }>();
        expectTypeOf(peer.auth.userId).toEqualTypeOf<string>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        expectTypeOf(traceparent).toEqualTypeOf<string | undefined>();
        expectTypeOf(context).toEqualTypeOf<Readonly<NothingAdded>>();
        if (auth.userId === '') throw refusal('FORBIDDEN', 'Sign in.');
        return next({ user: { name: auth.userId } });
      })
      .use(async ({ context, next }) => {
        expectTypeOf(context.user.name).toEqualTypeOf<string>();
        const passed = await next({ started: 1 });
        expectTypeOf(passed.output).toEqualTypeOf<unknown>();
        return passed;
      })
      .use(({ next }) => next())
      .implement({
        whoami: (_, { user, started, peer }) => {
          expectTypeOf(user.name).toEqualTypeOf<string>();
          expectTypeOf(started).toEqualTypeOf<number>();
          expectTypeOf(peer.auth.userId).toEqualTypeOf<string>();
          return { user: user.name };
        },
        setThreshold: (_, { user, fail }) => {
          if (user.name === '') fail('READ_ONLY');
          return { appliedAt: 1 };
        },
      });
    expectTypeOf(server).toEqualTypeOf<Server<Fleet, { userId: string }>>();
  });

  it('gives handlers nothing that it may not have added', () => {
    draft
      .use(async ({ name, next }) => (name === 'whoami' ? next({ user: 'ada' }) : next()))
      .implement({
        // @ts-expect-error only one of the ways adds it
        whoami: (_, { user }) => ({ user }),
        setThreshold,
      });
    draft.implement({
      // @ts-expect-error nobody adds it
      whoami: (_, { user }) => ({ user }),
      setThreshold,
    });
  });

  it('must return what next gave, and may not put anything over what is there', () => {
    // @ts-expect-error nothing is returned
    draft.use(async ({ next }) => {
      await next();
    });
    // @ts-expect-error an answer of its own
    draft.use(async () => ({ user: 'ada' }));
    // @ts-expect-error every context has a signal
    draft.use(({ next }) => next({ signal: 1 }));
    // @ts-expect-error no code for a refusal
    refusal('INTERNAL', 'x');
  });

  it('can be written apart, for one contract', () => {
    const timed: Middleware<Fleet, { userId: string }> = async ({ name, next }) => {
      const passed = await next();
      expectTypeOf(name).toEqualTypeOf<'whoami' | 'setThreshold'>();
      return passed;
    };
    draft.use(timed).implement({ whoami, setThreshold });
  });
});

it('every option has its type', () => {
  createServer({
    contract: fleet,
    authenticate: 'none',
    allowedOrigins: ['https://app.example.com'],
    codecs: [jsonCodec, msgpackCodec],
    limits: { frame: 65_536, inflight: 16 },
    runningHandlers: 8,
    buffer: { queueBytes: 65_536 },
    sessions: { window: 60_000, count: 1_000, detachedBytes: 1_000_000 },
    answers: { count: 100, each: 10, bytes: 1_000, age: 60_000 },
    rates: { control: { perSecond: 20 }, messages: { perSecond: 100, burst: 1_000 } },
    heartbeat: { every: 10_000 },
    helloTimeout: 5_000,
    greetings: 100,
    spread: 1_000,
    callTimeout: Number.POSITIVE_INFINITY,
    validate: 'both',
  });
  // @ts-expect-error a misspelt option
  createServer({ contract: fleet, authenticate: 'none', allowedOrigin: [] });
  // @ts-expect-error not a list
  createServer({ contract: fleet, authenticate: 'none', allowedOrigins: 'https://app.example.com' });
});

it('attaches to every HTTP server of Node', () => {
  const server: Server<Fleet, { userId: string }> = draft.implement({ whoami, setThreshold });
  expectTypeOf(server.attach(createHttp(), { path: '/ws' })).toEqualTypeOf<() => void>();
  server.attach(createHttps());
  // @ts-expect-error HTTP/2 without TLS has no upgrade
  server.attach(createHttp2().address());
  // @ts-expect-error a port is not a server
  server.attach(8080);
});

it('a server fits where any server is asked for', () => {
  const anyContract = (contract: Contract): string => contract.id;
  anyContract(draft.implement({ whoami, setThreshold }).contract);
});
