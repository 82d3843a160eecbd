import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Adapter } from './adapter.ts';
import { counted } from './counted-schema.ts';
import { packedWs, type Greeting, type Packer } from './packed-ws.ts';
import type { Incoming } from './raw-client.ts';
import { readingSchema } from './reading.ts';

const { schema, count } = counted(readingSchema);
/** Messages whose payload is a reading. */
const readings: ReadonlySet<string> = new Set(['reading', 'ask', 'answer', 'items', 'item']);

/** As much as Hawser's say, for a session that nobody keeps. */
const greeting: Greeting = {
  hello: () =>
    JSON.stringify([0, 0, [32, { v: 0, caps: ['chunk'], lim: { frame: 262_144, msg: 16_777_216, inflight: 256 } }]]),
  welcome(hello) {
    const [, , [, { lim, caps }]] = JSON.parse(hello) as [number, number, [number, { lim: object; caps: string[] }]];
    const [sid, tok] = [16, 32].map((bytes) => randomBytes(bytes).toString('hex'));
    const times = { hb: { every: 25_000, grace: 20_000 }, window: 120_000, spread: 0 };
    return JSON.stringify([0, 0, [33, { v: 0, sid, tok, resumed: false, recv: 0, lim, ...times, caps }]]);
  },
};

/**
 * The least that does what Hawser promises while nothing goes wrong: a greeting, packets with a number and an ack, what
 * is not acknowledged is kept, and what comes is validated. No session, no heartbeat, no acks of their own (so whoever is
 * only sent to acknowledges nothing), no timeouts, no limits, no distrust.
 */
export const rawWsPromised: Adapter = { ...packedWs((socket) => new Numbered(socket), greeting), validated: count };

class Numbered implements Packer {
  readonly #socket: WebSocket;
  /** What the other end has not acknowledged, and then what has not left. */
  #kept: string[] = [];
  #acked = 0;
  #left = 0;
  #came = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  add(text: string): void {
    if (this.#kept.push(text) + this.#acked === this.#left + 1) queueMicrotask(this.#flush);
  }

  take(packet: string): readonly Incoming[] {
    const [number, ack, ...messages] = JSON.parse(packet) as [number, number, ...Incoming[]];
    if (number !== this.#came + 1) throw new Error(`packet ${number} came after ${this.#came}`);
    this.#came += messages.length;
    this.#kept = this.#kept.slice(ack - this.#acked);
    this.#acked = ack;
    for (const message of messages) if (readings.has(message[0])) message[1] = validate(message[1]);
    return messages;
  }

  readonly #flush = (): void => {
    const texts = this.#kept.slice(this.#left - this.#acked);
    this.#socket.send(`[${this.#left + 1},${this.#came},${texts.join()}]`);
    this.#left += texts.length;
  };
}

function validate(payload: unknown): Incoming[1] {
  const result = schema['~standard'].validate(payload);
  if (result instanceof Promise || result.issues) throw new Error('a payload is no reading');
  return result.value;
}
