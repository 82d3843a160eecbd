import type { Tally } from '../contract.ts';
import { RunningNumber } from '../running-number.ts';

/** What happened to the link, for the list on the page. */
export interface LinkEvent {
  readonly id: number;
  /** Epoch milliseconds on the page's clock. */
  readonly at: number;
  readonly kind: 'lost' | 'resumed' | 'new-session';
  /** Of a link that came back: how long it was away, milliseconds. */
  readonly away: number;
  /** Of a link that came back: samples taken in the meantime that arrived afterwards. */
  readonly caughtUp: number;
}

/** The books of one direction. */
export interface Direction {
  readonly sent: number;
  readonly received: number;
  readonly missing: number;
  readonly duplicates: number;
}

/** Everything the integrity panel shows. */
export interface LedgerSnapshot {
  /** Samples: service to page. */
  readonly down: Direction;
  /** Beats: page to service. */
  readonly up: Direction;
  readonly resumes: number;
  readonly sessionsLost: number;
  /** Newest first. */
  readonly events: readonly LinkEvent[];
}

const eventsKept = 20;

/**
 * Keeps the books of what was sent and what arrived, in both directions, across every link of the session.
 *
 * What was sent is known from the running number in each sample and, while no sample comes through, from the control
 * endpoint beside the cable: the page never has to believe its own count.
 */
export class Ledger {
  #samples = new RunningNumber();
  #serviceSent = 0;
  #beatsSent = 0;
  #beats: Tally | undefined;
  #resumes = 0;
  #sessionsLost = 0;
  #events: readonly LinkEvent[] = [];
  #downSince: number | undefined;
  #caughtUp = 0;

  /** A sample arrived: its number, and when it was taken on the page's clock, epoch milliseconds. */
  sample(n: number, takenAt: number): void {
    this.#samples.accept(n);
    this.serviceSent(n);
    const [newest] = this.#events;
    if (this.#downSince !== undefined) {
      this.#caughtUp++;
    } else if (newest && newest.kind !== 'lost' && takenAt < newest.at) {
      this.#events = [{ ...newest, caughtUp: newest.caughtUp + 1 }, ...this.#events.slice(1)];
    }
  }

  /** The service has sent samples up to this number, whether or not they arrived. */
  serviceSent(n: number): void {
    this.#serviceSent = Math.max(this.#serviceSent, n);
  }

  /** The next beat's number, counted as sent. */
  nextBeat(): number {
    return ++this.#beatsSent;
  }

  /** The service told what it counted of this page's beats. */
  beatsCounted(tally: Tally): void {
    this.#beats = tally;
  }

  /** The link is gone. */
  linkLost(at: number): void {
    if (this.#downSince !== undefined) return;
    this.#downSince = at;
    this.#caughtUp = 0;
    this.#record({ at, kind: 'lost', away: 0, caughtUp: 0 });
  }

  /** The link is back, carrying the old session or a new one. */
  linkBack(at: number, resumed: boolean): void {
    if (this.#downSince === undefined) return;
    const away = at - this.#downSince;
    this.#downSince = undefined;
    if (resumed) this.#resumes++;
    this.#record({ at, kind: resumed ? 'resumed' : 'new-session', away, caughtUp: this.#caughtUp });
  }

  /** The session ended with its promises unkept: the books begin anew, and say so. */
  sessionLost(): void {
    this.#sessionsLost++;
    this.#samples = new RunningNumber();
    this.#serviceSent = 0;
    this.#beats = undefined;
  }

  snapshot(): LedgerSnapshot {
    const samples = this.#samples.tally();
    const beats = this.#beats;
    return {
      down: { ...samples, sent: samples.first === 0 ? 0 : this.#serviceSent - samples.first + 1 },
      up: {
        sent: this.#beatsSent - (beats ? beats.first - 1 : 0),
        received: beats?.received ?? 0,
        missing: beats?.missing ?? 0,
        duplicates: beats?.duplicates ?? 0,
      },
      resumes: this.#resumes,
      sessionsLost: this.#sessionsLost,
      events: this.#events,
    };
  }

  #record(event: Omit<LinkEvent, 'id'>): void {
    const id = (this.#events[0]?.id ?? 0) + 1;
    this.#events = [{ id, ...event }, ...this.#events].slice(0, eventsKept);
  }
}
