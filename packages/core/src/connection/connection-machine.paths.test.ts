import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemError } from '../shared/errors.ts';
import type { ConnectionEffect, ConnectionInput } from './connection-io.ts';
import { connectionDeadline, initialState, transition } from './connection-machine.ts';
import { close, contextOf, sampleInputs } from './connection-samples.ts';
import type { ConnectionState } from './connection-state.ts';

/** The diagram of `connection-state.ts`, and `closed` which any may reach. */
const drawn: Readonly<Record<ConnectionState['status'], readonly ConnectionState['status'][]>> = {
  idle: ['connecting'],
  connecting: ['idle', 'connected', 'reconnecting', 'suspended'],
  connected: ['idle', 'reconnecting', 'suspended'],
  reconnecting: ['idle', 'connected', 'suspended'],
  suspended: ['idle', 'connecting', 'reconnecting'],
  closed: [],
};

/** The second drawing: phases within a dial. */
const drawnPhases: Readonly<Record<string, readonly string[]>> = {
  waiting: ['preparing'],
  preparing: ['opening', 'waiting'],
  opening: ['greeting', 'waiting', 'preparing'],
  greeting: ['waiting', 'preparing'],
};

/** What exists outside because of the effects so far. */
type Outside = 'nothing' | 'preparation' | 'socket';

const code = fc.oneof(
  fc.constantFrom(1000, 1001, 1006, 1009, 1012, 1013, 4000, 4401, 4401, 4401, 4403, 4503, 4512, 4529, 4540, 4541, 4542),
  fc.integer({ min: 1000, max: 4999 }),
);
const duration = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }),
  fc.constantFrom(0, 1, Number.POSITIVE_INFINITY, Number.NaN, -1),
);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });
const losses: fc.Arbitrary<ConnectionInput> = fc
  .record({ code, status: optional(fc.constantFrom(200, 401, 403, 426, 429, 503)), retryAfter: optional(duration) })
  .map(({ code, status, retryAfter }) => ({
    type: 'lost' as const,
    code,
    reason: '',
    ...(status === undefined ? {} : { status }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }));
const faults: fc.Arbitrary<ConnectionInput> = fc
  .record({
    code: fc.oneof(fc.constantFrom(4401, 4540), fc.integer({ min: 4400, max: 4599 })),
    reason: fc.string({ unit: 'binary', maxLength: 200 }),
  })
  .map((rest) => ({ type: 'fault', ...rest }));
const failures: fc.Arbitrary<ConnectionInput> = fc
  .constantFrom('UNAVAILABLE', 'TIMEOUT', 'INTERNAL', 'UNAUTHENTICATED')
  .map((name) => ({ type: 'failed', error: systemError(name, 'test') }));
const anything: fc.Arbitrary<ConnectionInput> = fc
  .constantFrom(...sampleInputs.values())
  .filter(({ type }) => type !== 'close');

/** The input that lets a dial go on, so that runs get far. */
const onward: Readonly<Record<string, ConnectionInput>> = {
  idle: { type: 'connect' },
  preparing: { type: 'prepared' },
  opening: { type: 'opened' },
  greeting: { type: 'welcomed', resumed: true },
  waiting: { type: 'timeout' },
};

interface Move {
  /** `undefined`: whatever lets a dial go on. */
  readonly input: ConnectionInput | undefined;
  /** Milliseconds that pass before. */
  readonly after: number;
  /** Wait for the deadline first. */
  readonly due: boolean;
}

const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.record({
    input: fc.oneof(
      { weight: 40, arbitrary: fc.constant(undefined) },
      { weight: 30, arbitrary: anything },
      { weight: 12, arbitrary: losses },
      { weight: 6, arbitrary: failures },
      { weight: 2, arbitrary: faults },
      // Rare, or every run would end soon.
      { weight: 1, arbitrary: fc.constant(close) },
    ),
    after: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 8_000 }), fc.constant(3_600_000)),
    due: fc.boolean(),
  }),
  { minLength: 20, maxLength: 120 },
);
const settings = fc.record({
  spread: fc.constantFrom(0, 800, 60_000),
  giveUpAfter: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 20_000, 0),
  stableAfter: fc.constantFrom(5_000, 0),
  chance: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 20 }),
});

describe('random sequences of inputs', () => {
  it('take only drawn paths, with effects and deadlines that fit', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(moves, settings, (script, { spread, chance, ...policy }) => {
        let draws = 0;
        const random = (): number => chance[draws++ % chance.length] ?? 0;
        let state: ConnectionState = initialState;
        let outside: Outside = 'nothing';
        let now = 1_000_000;
        for (const move of script) {
          const deadline = connectionDeadline(state);
          now += move.after;
          if (move.due && Number.isFinite(deadline)) now = Math.max(now, deadline);
          const input = move.input ?? onward[stageOf(state)] ?? { type: 'timeout' };
          const [next, effects] = transition(state, input, contextOf({ now, random, spread, policy }));

          checkPath(state, next);
          if (next === state) expect(effects).toEqual([]);
          if (input.type === 'lost' && next !== state) outside = 'nothing';
          for (const effect of effects) outside = after(outside, effect);
          expect(outside).toBe(expectedOutside(next));
          if (next !== state) checkDeadline(next, now);
          if (input.type === 'timeout' && now >= deadline) expect(next).not.toBe(state);
          checkErrors(next);
          if (next !== state) seen.add(`${stageOf(state)} > ${stageOf(next)}`);
          state = next;
        }
      }),
      { numRuns: 2_000 },
    );
    // Or the runs prove nothing: they do get through a dial, up, down, and out of the way.
    const usual = [
      'greeting > connected',
      'connected > waiting',
      'waiting > preparing',
      'waiting > hidden',
      'hidden > waiting',
    ];
    for (const step of usual) expect(seen).toContain(step);
    expect([...seen].filter((step) => step.startsWith('closed'))).toEqual([]);
  }, 30_000);
});

function checkPath(from: ConnectionState, to: ConnectionState): void {
  if (from === to) return;
  if (from.status !== to.status) {
    if (to.status !== 'closed' || from.status === 'closed') expect(drawn[from.status]).toContain(to.status);
    if (to.status === 'connected') expect(stageOf(from)).toBe('greeting');
    return;
  }
  expect(['connecting', 'connected', 'reconnecting']).toContain(from.status);
  const [before, stage] = [stageOf(from), stageOf(to)];
  // A waiting try may be brought forward, a link measured.
  if (before !== stage) expect(drawnPhases[before]).toContain(stage);
  if (from.status === 'connecting') expect(stage).not.toBe('waiting');
}

function after(outside: Outside, effect: ConnectionEffect): Outside {
  switch (effect.type) {
    case 'prepare':
      // Never a second one beside the first.
      expect(outside).toBe('nothing');
      return 'preparation';
    case 'open':
      expect(outside).toBe('preparation');
      return 'socket';
    case 'greet':
      expect(outside).toBe('socket');
      return 'socket';
    case 'drop':
      expect(outside).not.toBe('nothing');
      expect(effect.code === 1000 || (effect.code >= 3000 && effect.code <= 4999)).toBe(true);
      expect(new TextEncoder().encode(effect.reason).length).toBeLessThanOrEqual(123);
      return 'nothing';
  }
}

function expectedOutside(state: ConnectionState): Outside {
  switch (stageOf(state)) {
    case 'preparing':
      return 'preparation';
    case 'opening':
    case 'greeting':
    case 'connected':
      return 'socket';
    default:
      return 'nothing';
  }
}

function checkDeadline(state: ConnectionState, now: number): void {
  const deadline = connectionDeadline(state);
  if (state.status === 'connecting' || state.status === 'reconnecting') {
    expect(Number.isFinite(deadline)).toBe(true);
    if (stageOf(state) !== 'opening') expect(deadline).toBeGreaterThanOrEqual(now);
  }
  if (state.status === 'reconnecting' && state.phase === 'waiting') expect(state.retryAt).toBeGreaterThanOrEqual(now);
  if (state.status === 'idle' || state.status === 'closed') expect(deadline).toBe(Number.POSITIVE_INFINITY);
  expect(deadline).not.toBeNaN();
}

function checkErrors(state: ConnectionState): void {
  if (!('error' in state) || state.error === undefined) return;
  expect(state.error).toMatchObject({ name: 'HawserError', origin: 'system' });
}

function stageOf(state: ConnectionState): string {
  if (state.status === 'connecting' || state.status === 'reconnecting') return state.phase;
  return state.status === 'suspended' ? state.reason : state.status;
}
