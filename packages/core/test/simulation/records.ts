import type { PeerEnd } from '../../src/accept/peer-end.ts';
import type { CloseReport } from '../../src/client/client-surface.ts';

/** A call of either side. */
export interface CallRecord {
  readonly k: number;
  readonly by: 'client' | 'server';
  /** Whether it is asked again when its session is lost. */
  readonly idempotent: boolean;
  /** How often its handler began. */
  runs: number;
  /** How often its handler began, by server process. */
  readonly runsIn: Map<number, number>;
  /** How often its request reached the other side, by server process. */
  readonly arrivalsIn: Map<number, number>;
  /** Its session ended in a way after which nothing is asked again. */
  excused: boolean;
  /** How it ended at the caller; exactly one. */
  outcome: { readonly code: string; readonly executed: string; readonly answer?: number | undefined } | undefined;
}

/** A stream read by either side, what it was meant to be and what became of it. */
export interface StreamRecord {
  /** Its reader's side of the account is that of a call. */
  readonly call: CallRecord;
  readonly window: number;
  /** Items of the source, `Infinity` for one that ends only when it is told to. */
  readonly total: number;
  /** The source ends with an error of the contract. */
  readonly fails: boolean;
  /** The source takes its time. */
  readonly lazy: boolean;
  readonly reading: 'subscribe' | 'iterate' | 'iterateSlowly';
  /** The item at which the reader leaves. */
  readonly leavesAt: number;
  /** Milliseconds until its signal fires. */
  readonly leavesAfter: number | undefined;
  /** How often the source began, and how often it came to its end. */
  begun: number;
  ended: number;
  /** Items the source was asked for. */
  yielded: number;
  /** Items the reader was given. */
  taken: number;
  /** How often the reader was told the end, or left. */
  told: number;
}

/** A lost session, as its client was told. */
export interface LossRecord {
  readonly why: string;
  readonly acked: number;
  readonly unknown: readonly number[];
  readonly unsent: readonly number[];
  readonly requeued: boolean;
}

/** What one client sent from one beginning to the next; at most one session carries it. */
export interface Era {
  /** Numbers of messages and calls, in order; first those taken over from the era before. */
  readonly items: number[];
  sid: string | undefined;
  /** Calls among the items that were asked in the era before and may be settled before they leave in this one. */
  readonly again: ReadonlySet<number>;
  /** Messages the overflow policy dropped, as it reported. */
  drops: number;
  /** Some of the items were dropped in the era before, and it cannot be known which. */
  readonly loose: boolean;
  /** `left`: ended here with nothing outstanding. */
  end: 'live' | 'lost' | 'left' | 'closed';
  loss?: LossRecord;
  report?: CloseReport;
}

/** One session, as both ends saw it. */
export interface SessionRecord {
  readonly sid: string;
  /** Which server process made it. */
  readonly process: number;
  /** Numbers of what the server sent, in order. */
  readonly sent: number[];
  /** Numbers the server's application was given, in order. */
  readonly received: number[];
  /** Numbers the client's application was given, in order. */
  readonly delivered: number[];
  lastBlip: { client: number; server: number };
  /** Last time it was seen with a connection, epoch milliseconds. */
  connectedAt: number;
  end: PeerEnd | undefined;
  /** The server gave it up for want of room. */
  evicted: boolean;
}

/** Facts of a run, for the line at its end and the minimums. */
export interface Counts {
  disconnects: number;
  /** Sockets that opened and ended before a welcome arrived. */
  brokenHandshakes: number;
  resumes: number;
  /** Resumes that found the old connection still there. */
  takeOvers: number;
  /** Hellos of abandoned sockets that came after a newer one. */
  staleHellos: number;
  losses: number;
  restarts: number;
  messages: number;
  calls: number;
  streams: number;
  /** Of streams. */
  items: number;
  topicMessages: number;
  /** Messages of topics that came with a gap. */
  topicGaps: number;
  /** Requests of idempotent calls that came to a server process which had them already. */
  repeats: number;
  virtualMs: number;
  /** Lost sessions by what the client was told. */
  causes: Readonly<Record<string, number>>;
}

export function noCounts(): Counts {
  return {
    disconnects: 0,
    brokenHandshakes: 0,
    resumes: 0,
    takeOvers: 0,
    staleHellos: 0,
    losses: 0,
    restarts: 0,
    messages: 0,
    calls: 0,
    streams: 0,
    items: 0,
    topicMessages: 0,
    topicGaps: 0,
    repeats: 0,
    virtualMs: 0,
    causes: {},
  };
}

/** Adds up runs. */
export function addCounts(a: Counts, b: Counts): Counts {
  const causes: Record<string, number> = { ...a.causes };
  for (const [why, count] of Object.entries(b.causes)) causes[why] = (causes[why] ?? 0) + count;
  const sum = { ...a };
  for (const key of Object.keys(a) as (keyof Counts)[]) if (key !== 'causes') sum[key] += b[key];
  return { ...sum, causes };
}

/** One line for people. */
export function describeCounts(seeds: number, counts: Counts): string {
  const causes = Object.entries(counts.causes).map(([why, count]) => `${why} ${count}`);
  return (
    `${seeds} seeds: ${counts.disconnects} disconnects and ${counts.brokenHandshakes} broken handshakes, ` +
    `${counts.resumes} resumes, ${counts.takeOvers} take-overs, ${counts.staleHellos} stale hellos, ` +
    `${counts.restarts} restarts, ${counts.losses} sessions lost (${causes.join(', ')}), ` +
    `${counts.messages} messages, ${counts.calls} calls and streams, ${counts.repeats} repeats of calls, ` +
    `${counts.items} items of ${counts.streams} streams, ` +
    `${counts.topicMessages} messages of topics with ${counts.topicGaps} gaps, ${(counts.virtualMs / 3_600_000).toFixed(1)} virtual hours`
  );
}
