import type { Codec, Contract, WireLimits } from '@hawser/core';
import {
  acceptDefaults,
  canonicalJson,
  jsonCodec,
  wheelClock,
  type AcceptOptions,
  type AuthorizeTopic,
  type RateLimit,
  type RateLimits,
  type RateName,
} from '@hawser/core/endpoint';
import { checkNames, checkNumber, shown, type NumberRule } from './check-options.ts';
import { hashToken } from './node-hash.ts';
import type { Identity, RateOptions, ServerOptions } from './options.ts';
import { originPolicy, type OriginPolicy } from './origin-policy.ts';
import type { RequestInfo } from './request-info.ts';

/** Server options with every default in place. */
export interface ResolvedServerOptions {
  readonly accept: Omit<AcceptOptions<unknown, RequestInfo>, 'onProblem' | 'middleware'>;
  readonly mayConnect: OriginPolicy;
}

/** The options as they come from code without types. */
type Loose = ServerOptions<Contract, Identity>;

/** Longest duration timers and the wire can hold. */
const longest = 2_147_483_647;
const duration: NumberRule = { min: 0, max: longest, unit: 'milliseconds' };
const interval: NumberRule = { min: 1, max: longest, unit: 'milliseconds' };
const count: NumberRule = { min: 1, max: 2 ** 31 - 1, unit: 'items' };
const bytes: NumberRule = { min: 1_024, max: 2 ** 31 - 1, unit: 'bytes' };
/** What may have arrived of unfinished messages; `protocol/README.md` section 4.4. */
const largestMessage = 33_554_432;

const names = [
  'contract',
  'authenticate',
  'principal',
  'allowedOrigins',
  'codecs',
  'limits',
  'runningHandlers',
  'buffer',
  'sessions',
  'topics',
  'authorizeTopic',
  'answers',
  'rates',
  'heartbeat',
  'helloTimeout',
  'greetings',
  'spread',
  'callTimeout',
  'validate',
  'clock',
];

/**
 * Fills in defaults and refuses what cannot work.
 *
 * @throws TypeError naming the option, what it got and what it takes
 */
export function resolveOptions(options: Loose): ResolvedServerOptions {
  checkNames('', options, names);
  if (options.contract?.clientToServer === undefined) {
    throw new TypeError('`contract` is missing; make one with defineContract().');
  }
  const { registry } = acceptDefaults;
  const sessions = group('sessions', options.sessions, {
    window: [registry.window, duration],
    count: [registry.sessions, count],
    detachedBytes: [registry.detachedBytes, { ...bytes, min: 0, max: Number.MAX_SAFE_INTEGER }],
  });
  const { keeps, heartbeat, topics, answers } = acceptDefaults;
  const age = options.answers?.age ?? Math.min(longest, Math.max(answers.age, 2 * sessions.window));
  if (age <= sessions.window) {
    throw new TypeError(
      `\`answers.age\` is ${age}; it takes more than \`sessions.window\` (${sessions.window}), or a call that is asked again after a lost session runs twice.`,
    );
  }
  return {
    mayConnect: originPolicy(options.allowedOrigins ?? 'same-host'),
    accept: {
      contract: options.contract,
      authenticate: authenticator(options.authenticate),
      principal:
        checkFunction('principal', options.principal as ((auth: unknown) => string) | undefined) ?? canonicalJson,
      codecs: checkCodecs(options.codecs ?? [jsonCodec]),
      accepts: wireLimits(options.limits),
      runningHandlers: single('runningHandlers', options.runningHandlers, acceptDefaults.runningHandlers, count),
      keeps: group('buffer', options.buffer, {
        queueCount: [keeps.queueCount, count],
        queueBytes: [keeps.queueBytes, bytes],
        replayCount: [keeps.replayCount, count],
        replayBytes: [keeps.replayBytes, bytes],
        largeBytes: [keeps.largeBytes, bytes],
      }),
      registry: { window: sessions.window, sessions: sessions.count, detachedBytes: sessions.detachedBytes },
      topics: group('topics', options.topics, {
        retainedBytes: [topics.retainedBytes, bytes],
        idleTopics: [topics.idleTopics, { ...count, min: 0 }],
        idleBytes: [topics.idleBytes, { ...bytes, min: 0, max: Number.MAX_SAFE_INTEGER }],
        window: [topics.window, duration],
      }),
      authorizeTopic: checkFunction('authorizeTopic', options.authorizeTopic) as AuthorizeTopic | undefined,
      answers: group('answers', options.answers, {
        count: [answers.count, count],
        each: [answers.each, count],
        bytes: [answers.bytes, { ...bytes, min: 0, max: Number.MAX_SAFE_INTEGER }],
        age: [age, duration],
      }),
      rates: rates(options.rates),
      heartbeat: group('heartbeat', options.heartbeat, {
        every: [heartbeat.every, interval],
        grace: [heartbeat.grace, interval],
      }),
      helloTimeout: single('helloTimeout', options.helloTimeout, acceptDefaults.helloTimeout, interval),
      greetings: single('greetings', options.greetings, acceptDefaults.greetings, count),
      spread: single('spread', options.spread, acceptDefaults.spread, duration),
      callTimeout: single('callTimeout', options.callTimeout, acceptDefaults.callTimeout, {
        ...interval,
        endless: true,
      }),
      validation: checkValidate(options.validate ?? acceptDefaults.validation),
      clock: options.clock ?? wheelClock(),
      hash: hashToken,
    },
  };
}

function single(name: string, given: number | undefined, fallback: number, rule: NumberRule): number {
  const value = given ?? fallback;
  checkNumber(name, value, rule);
  return value;
}

function group<K extends string>(
  path: string,
  given: Partial<Record<K, number>> = {},
  members: Readonly<Record<K, readonly [fallback: number, rule: NumberRule]>>,
): Record<K, number> {
  checkNames(path, given, Object.keys(members));
  const values = {} as Record<K, number>;
  for (const key of Object.keys(members) as K[]) {
    const [fallback, rule] = members[key];
    values[key] = single(`${path}.${key}`, given[key], fallback, rule);
  }
  return values;
}

function rates(given: RateOptions = {}): RateLimits {
  const { rates: usual } = acceptDefaults;
  checkNames('rates', given, Object.keys(usual));
  const limit = (name: RateName): RateLimit =>
    group(`rates.${name}`, given[name], {
      perSecond: [usual[name].perSecond, { ...count, endless: true }],
      burst: [usual[name].burst, count],
    });
  return {
    control: limit('control'),
    cancels: limit('cancels'),
    subscriptions: limit('subscriptions'),
    requests: limit('requests'),
    messages: limit('messages'),
  };
}

function wireLimits(given: Partial<WireLimits> | undefined): WireLimits {
  const { frame, msg, inflight } = acceptDefaults.accepts;
  return group('limits', given, {
    frame: [frame, { ...bytes, min: 2 * bytes.min }],
    msg: [msg, { ...bytes, max: largestMessage }],
    inflight: [inflight, count],
  });
}

/** Whoever returns nothing has found nobody: that is a refusal, not a pass. */
function authenticator(authenticate: Loose['authenticate']): AcceptOptions<unknown, RequestInfo>['authenticate'] {
  if (authenticate === 'none') return () => undefined;
  if (typeof authenticate !== 'function') {
    throw new TypeError(
      `\`authenticate\` is ${shown(authenticate)}; it takes a function that returns who the client is, or 'none' to let everybody in.`,
    );
  }
  return (request) => {
    const known = (found: unknown): unknown => {
      if (found !== undefined && found !== null && found !== false) return found;
      return request.refuse('UNAUTHENTICATED', 'The credential was not recognised.');
    };
    const found: unknown = authenticate(request);
    // Any thenable: query builders are, without being promises.
    if (!isThenable(found)) return known(found);
    // Node remembers an address it was asked for: a client that leaves meanwhile must not do so without one.
    void request.request.remoteAddress;
    return Promise.resolve(found).then(known);
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function checkFunction<F>(name: string, value: F | undefined): F | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw new TypeError(`\`${name}\` is ${shown(value)}; it takes a function.`);
}

function checkCodecs(codecs: readonly Codec[]): readonly Codec[] {
  if (!Array.isArray(codecs) || codecs.length === 0 || codecs.some((codec) => typeof codec?.subprotocol !== 'string')) {
    throw new TypeError('`codecs` takes a list of at least one codec, such as [jsonCodec, msgpackCodec].');
  }
  if (new Set(codecs.map((codec) => codec.subprotocol)).size < codecs.length) {
    throw new TypeError('`codecs` names the same sub-protocol twice; give each codec once.');
  }
  return codecs;
}

function checkValidate(value: unknown): 'off' | 'inbound' | 'both' {
  if (value === 'off' || value === 'inbound' || value === 'both') return value;
  throw new TypeError(`\`validate\` is ${shown(value)}; it takes 'off', 'inbound' or 'both'.`);
}
