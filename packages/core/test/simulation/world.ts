import { ManualClock } from '../../src/testing/manual-clock.ts';
import { isBodyOf, type Payload } from './payload.ts';
import type { Profile } from './profile.ts';
import { Random } from './random.ts';
import { noCounts, type CallRecord, type Counts, type SessionRecord, type StreamRecord } from './records.ts';

/** What must hold in every run, whatever the network does. */
export const invariants = {
  1: 'delivered once, in order, unchanged',
  2: 'a loss accounts for everything',
  3: 'a session is lost for a cause, and told once',
  4: 'a call is settled once, and runs at most once',
  5: 'a stream is what its source gave, as far as it was read, and ends once',
  6: 'buffers stay within their bounds',
  7: 'states follow the diagram',
  8: 'nothing throws',
  9: 'nothing is left after the end',
  11: 'everything arrives when faults stop',
  12: 'topics have no hole that is not told',
} as const;
/** The first ones tell what went wrong; thousands that follow from them would not help. */
const enough = 20;

/** A run takes some ten thousand timers and the like; so many at one instant, or in all, never come to an end. */
const runaway = { atOnce: 50_000, inAll: 3_000_000 };

/** Throws where the code under test would keep the time from going on. */
class GuardedClock extends ManualClock {
  #instant = 0;
  #atOnce = 0;
  #inAll = 0;

  override setTimer(fn: () => void, delay: number): unknown {
    this.#count();
    return super.setTimer(fn, delay);
  }

  override defer(fn: () => void): void {
    this.#count();
    super.defer(fn);
  }

  #count(): void {
    const now = this.now();
    this.#atOnce = now === this.#instant ? this.#atOnce + 1 : 0;
    this.#instant = now;
    this.#inAll += 1;
    if (this.#atOnce > runaway.atOnce) throw new Error('the time stands still: something runs again and again');
    if (this.#inAll > runaway.inAll) throw new Error('something runs far too often');
  }
}

/** What the two ends of one run share: time, chance, the record of what happened, and what was wrong with it. */
export class World {
  readonly profile: Profile;
  readonly clock: ManualClock;
  readonly random: Random;
  /** Apart, so that topics do not change what else happens. */
  readonly topicRandom: Random;
  readonly sessions = new Map<string, SessionRecord>();
  readonly calls = new Map<number, CallRecord>();
  /** Streams by number; each is among the calls as well. */
  readonly streams = new Map<number, StreamRecord>();
  readonly counts: Counts = noCounts();
  /** Broken invariants, in the order they were found. */
  readonly violations: string[] = [];
  readonly #start: number;
  /** Faults are over: nobody disconnects any more. */
  calm = false;
  #last = 0;

  constructor(profile: Profile) {
    this.profile = profile;
    this.clock = new GuardedClock(profile.seed);
    this.random = new Random(profile.seed);
    this.topicRandom = new Random(profile.seed ^ 0x2c1b3c6d);
    this.#start = this.clock.now();
  }

  /** Virtual milliseconds since the run began. */
  get elapsed(): number {
    return this.clock.now() - this.#start;
  }

  violation(invariant: keyof typeof invariants, text: string): void {
    if (this.violations.length === enough) return;
    this.violations.push(
      `${(this.elapsed / 1_000).toFixed(3)} s, invariant ${invariant} (${invariants[invariant]}): ${text}`,
    );
  }

  /** Whether the application does something about what it is being told. */
  reacts(share = 1): boolean {
    return !this.calm && this.random.chance(this.profile.liveliness * share);
  }

  nextNumber(): number {
    this.#last += 1;
    return this.#last;
  }

  beginCall(by: CallRecord['by'], k: number, idempotent = false): CallRecord {
    const record: CallRecord = {
      k,
      by,
      idempotent,
      runs: 0,
      runsIn: new Map(),
      arrivalsIn: new Map(),
      excused: false,
      outcome: undefined,
    };
    this.calls.set(k, record);
    this.counts.calls += 1;
    return record;
  }

  settleCall(record: CallRecord, outcome: NonNullable<CallRecord['outcome']>): void {
    if (record.outcome !== undefined)
      this.violation(4, `call ${record.k} settled twice: ${record.outcome.code}, ${outcome.code}`);
    record.outcome = outcome;
    if (outcome.answer !== undefined && outcome.answer !== record.k) {
      this.violation(4, `call ${record.k} was given the answer to call ${outcome.answer}`);
    }
  }

  /** One end was given a message or a request: judges what can be judged at once (invariant 1). */
  arrived(at: 'client' | 'server', record: SessionRecord, payload: Payload): void {
    const { k } = payload;
    const list = at === 'server' ? record.received : record.delivered;
    const before = list.at(-1) ?? 0;
    if (k <= before) this.violation(1, `the ${at} was given ${k} after ${before} in session ${short(record.sid)}`);
    if (!isBodyOf(k, payload.body)) this.violation(1, `the ${at} was given ${k} with other bytes than were sent`);
    list.push(k);
    this.counts.messages += 1;
    const call = this.calls.get(k);
    if (call === undefined) return;
    const times = (call.arrivalsIn.get(record.process) ?? 0) + 1;
    call.arrivalsIn.set(record.process, times);
    if (times > 1 && call.idempotent) this.counts.repeats += 1;
  }

  /** The handler of a call began (invariant 4). */
  ran({ process }: SessionRecord, k: number): void {
    const call = this.calls.get(k);
    if (call === undefined) return;
    const times = (call.runsIn.get(process) ?? 0) + 1;
    call.runsIn.set(process, times);
    call.runs += 1;
    // A process that was killed takes its memory with it.
    const most = call.idempotent ? times : call.runs;
    if (most > 1) this.violation(4, `the handler of call ${k} ran ${most} times`);
  }

  /** Volatile data: never twice, never out of order. */
  blipped(at: 'client' | 'server', record: SessionRecord, { k }: Payload): void {
    if (k <= record.lastBlip[at])
      this.violation(1, `the ${at} was given the volatile ${k} after ${record.lastBlip[at]}`);
    record.lastBlip[at] = k;
  }
}

export function short(sid: string | undefined): string {
  return sid?.slice(0, 6) ?? 'none';
}
