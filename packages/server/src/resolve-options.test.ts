import { describe, expect, it } from 'vitest';
import { jsonCodec } from './index.ts';
import { resolveOptions } from './resolve-options.ts';
import { fleet } from '../test/stage/fleet.ts';

const required = { contract: fleet, authenticate: 'none' } as const;
const resolve = (options: object) => resolveOptions({ ...required, ...options });

describe('defaults', () => {
  it('are those the option docs name', () => {
    expect(resolve({}).accept).toMatchObject({
      codecs: [jsonCodec],
      accepts: { frame: 262_144, msg: 16_777_216, inflight: 256 },
      runningHandlers: 64,
      keeps: { queueCount: 10_000, queueBytes: 1_048_576, replayCount: 10_000, replayBytes: 1_048_576 },
      registry: { window: 120_000, sessions: 100_000, detachedBytes: 67_108_864 },
      answers: { count: 20_000, each: 1_000, bytes: 16_777_216, age: 300_000 },
      rates: {
        control: { perSecond: 10, burst: 50 },
        cancels: { perSecond: 100, burst: 512 },
        subscriptions: { perSecond: 50, burst: 512 },
        requests: { perSecond: Infinity },
        messages: { perSecond: Infinity },
      },
      heartbeat: { every: 25_000, grace: 20_000 },
      helloTimeout: 10_000,
      greetings: 1_000,
      spread: 0,
      callTimeout: 30_000,
      validation: 'inbound',
    });
  });

  it('fill groups that were given in part, and leave the rest as given', () => {
    const { accept } = resolve({
      limits: { frame: 65_536 },
      buffer: { queueCount: 5 },
      sessions: { window: 0, count: 7 },
      answers: { age: 1_000 },
      rates: { messages: { perSecond: 50 }, cancels: { burst: 10 } },
      heartbeat: { every: 1_000 },
      callTimeout: Number.POSITIVE_INFINITY,
      validate: 'both',
    });
    expect(accept).toMatchObject({
      accepts: { frame: 65_536, msg: 16_777_216, inflight: 256 },
      keeps: { queueCount: 5, queueBytes: 1_048_576 },
      registry: { window: 0, sessions: 7, detachedBytes: 67_108_864 },
      answers: { count: 20_000, age: 1_000 },
      rates: { messages: { perSecond: 50 }, cancels: { perSecond: 100, burst: 10 } },
      heartbeat: { every: 1_000, grace: 20_000 },
      callTimeout: Number.POSITIVE_INFINITY,
      validation: 'both',
    });
  });

  it('name a user by what authenticate returned, whatever the order of its keys', () => {
    const { principal } = resolve({}).accept;
    expect(principal({ org: 1, user: { b: 2, a: [3] } })).toBe(principal({ user: { a: [3], b: 2 }, org: 1 }));
    expect(principal({ user: 'ada' })).not.toBe(principal({ user: 'eve' }));
  });

  it('keep tokens as a one-way hash only', () => {
    const { hash } = resolve({}).accept;
    expect(hash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('mistakes', () => {
  it.each<[object, string]>([
    [{ contract: undefined }, '`contract` is missing'],
    [{ authenticate: undefined }, '`authenticate` is undefined; it takes a function that returns who the client is'],
    [{ authenticate: 'nobody' }, '`authenticate` is "nobody"; it takes'],
    [{ authenticate: { secret: 'hunter2' } }, '`authenticate` is an object; it takes'],
    [{ authenticate: ['ada'] }, '`authenticate` is an array; it takes'],
    [{ validate: () => true }, '`validate` is a function; it takes'],
    [{ principal: 'sub' }, '`principal` is "sub"; it takes a function'],
    [{ allowedOrigin: [] }, 'There is no option `allowedOrigin`; there are contract, authenticate,'],
    [{ allowedOrigins: ['*'] }, '`allowedOrigins` contains "*"'],
    [{ codecs: [] }, '`codecs` takes a list of at least one codec'],
    [{ codecs: jsonCodec }, '`codecs` takes a list'],
    [{ codecs: ['json'] }, '`codecs` takes a list'],
    [{ codecs: [jsonCodec, jsonCodec] }, '`codecs` names the same sub-protocol twice'],
    [{ limits: 5 }, '`limits` is 5; an object is needed'],
    [{ limits: null }, '`limits` is null; an object is needed'],
    [{ limits: { frames: 1 } }, 'There is no option `limits.frames`; there are frame, msg, inflight.'],
    [{ limits: { frame: 1_000 } }, '`limits.frame` is 1000; it takes a whole number of bytes from 2048 to 2147483647.'],
    [{ limits: { msg: 2 ** 26 } }, '`limits.msg` is 67108864; it takes a whole number of bytes from 1024 to 33554432.'],
    [{ limits: { inflight: 0 } }, '`limits.inflight` is 0; it takes a whole number of items from 1'],
    [{ runningHandlers: 0 }, '`runningHandlers` is 0'],
    [{ buffer: { queueCount: '5' } }, '`buffer.queueCount` is "5"; it takes a whole number of items'],
    [{ buffer: { replayBytes: Number.NaN } }, '`buffer.replayBytes` is NaN'],
    [{ sessions: { window: -1 } }, '`sessions.window` is -1; it takes a whole number of milliseconds from 0'],
    [{ sessions: { window: Number.POSITIVE_INFINITY } }, '`sessions.window` is Infinity'],
    [{ sessions: { count: 1.5 } }, '`sessions.count` is 1.5'],
    [{ answers: { each: 0 } }, '`answers.each` is 0; it takes a whole number of items from 1'],
    [{ rates: { pings: {} } }, 'There is no option `rates.pings`; there are control, cancels,'],
    [{ rates: { control: 5 } }, '`rates.control` is 5; an object is needed'],
    [
      { rates: { control: { perSecond: 0 } } },
      '`rates.control.perSecond` is 0; it takes a whole number of items from 1',
    ],
    [{ heartbeat: { every: 0 } }, '`heartbeat.every` is 0; it takes a whole number of milliseconds from 1'],
    [{ heartbeat: { interval: 5 } }, 'There is no option `heartbeat.interval`'],
    [{ helloTimeout: 2 ** 31 }, '`helloTimeout` is 2147483648'],
    [{ greetings: 0 }, '`greetings` is 0'],
    [{ spread: '1s' }, '`spread` is "1s"'],
    [
      { callTimeout: 0 },
      '`callTimeout` is 0; it takes a whole number of milliseconds from 1 to 2147483647, or Infinity.',
    ],
    [{ validate: 'all' }, "`validate` is \"all\"; it takes 'off', 'inbound' or 'both'."],
  ])('%o', (options, message) => {
    expect(() => resolve(options)).toThrow(TypeError);
    expect(() => resolve(options)).toThrow(message);
  });

  it('of whoever gives no options at all', () => {
    expect(() => resolveOptions(undefined as never)).toThrow('The options are undefined');
  });
});

it('keeps answers for longer than a client may be away', () => {
  expect(resolve({ sessions: { window: 600_000 } }).accept.answers.age).toBe(1_200_000);
  expect(() => resolve({ answers: { age: 120_000 } })).toThrow('`answers.age` is 120000; it takes more than');
});
