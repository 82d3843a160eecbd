import type { StandardSchemaV1 } from '@standard-schema/spec';
import { call } from '../../src/peer/call/define-call.ts';
import { defineContract, message } from '../../src/peer/contract.ts';
import { stream } from '../../src/peer/stream/define-stream.ts';
import { topic } from '../../src/peer/topic/define-topic.ts';

/** What every message and call of the simulation carries. */
export interface Payload {
  /** Number of the message or call; those of one sender only grow. */
  readonly k: number;
  /** Session the sender believes to be in; absent in broadcasts. */
  readonly sid?: string;
  /** Follows from `k`, so that the receiver can tell whether a byte changed. */
  readonly body: unknown;
}

/** The answer to a call. */
export interface Answer {
  readonly k: number;
}

/** One item of a stream. */
export interface Item {
  /** Number of the stream. */
  readonly k: number;
  /** Place in the stream, from 1. */
  readonly i: number;
}

/** What every message of a topic carries. */
export interface TopicPayload {
  /** Which server process published it. */
  readonly process: number;
  /** Number of the message in its topic and process, from 1. */
  readonly p: number;
  /** What it is about. */
  readonly about: string;
}

/** Names of the topics. */
export type TopicName = 'last' | 'log' | 'live' | 'quotes';
export const topicNames: readonly TopicName[] = ['last', 'log', 'live', 'quotes'];

/** Takes everything: what arrives is compared by the simulation itself. */
function anything<T>(): StandardSchemaV1<T, T> {
  return { '~standard': { version: 1, vendor: 'simulation', validate: (value) => ({ value: value as T }) } };
}

const which = anything<{ readonly n: number }>();
const read = anything<TopicPayload>();

/** Either side sends notes, asks, and reads streams; what a client orders it may ask for again; the server publishes. */
export const contract = defineContract({
  id: 'simulation/1',
  topics: {
    last: topic({ params: which, data: read, retain: 'last' }),
    log: topic({ params: which, data: read, retain: 6 }),
    live: topic({ params: which, data: read }),
    quotes: topic({ params: which, data: read, conflate: ({ about }) => about }),
  },
  clientToServer: {
    note: message(anything<Payload>()),
    blip: message(anything<Payload>()),
    ask: call({ input: anything<Payload>(), output: anything<Answer>(), errors: { NO: anything<Answer>() } }),
    flow: stream({ input: anything<Payload>(), item: anything<Item>(), errors: { NO: anything<Answer>() } }),
    order: call({
      input: anything<Payload>(),
      output: anything<Answer>(),
      errors: { NO: anything<Answer>() },
      idempotent: true,
    }),
  },
  serverToClient: {
    note: message(anything<Payload>()),
    blip: message(anything<Payload>()),
    ask: call({ input: anything<Payload>(), output: anything<Answer>(), errors: { NO: anything<Answer>() } }),
    flow: stream({ input: anything<Payload>(), item: anything<Item>(), errors: { NO: anything<Answer>() } }),
  },
});

const texts = [
  '',
  'plain',
  'quote " and \\ slash',
  'zwölf Boxkämpfer',
  '漢字かな',
  '🚢⚓',
  'line\nfeed\ttab',
  '\u0000\u001f\u2028',
];

/** The body that belongs to a number. */
export function bodyOf(k: number): unknown {
  const h = Math.imul(k, 0x9e3779b1) >>> 0;
  const text = texts[h % texts.length] as string;
  const size = h % 100;
  // One in fifty fills most of a packet, one in eight is long.
  const long = size < 2 ? 4_000 + (h % 9_000) : size < 14 ? 100 + (h % 900) : h % 24;
  return size % 3 === 0 ? [text, h % 1_000, { long: 'x'.repeat(long) }] : `${text}${'y'.repeat(long)}`;
}

/** The body, compared without building it twice where it is short. */
export function isBodyOf(k: number, body: unknown): boolean {
  const expected = bodyOf(k);
  return typeof expected === 'string' ? body === expected : JSON.stringify(body) === JSON.stringify(expected);
}
