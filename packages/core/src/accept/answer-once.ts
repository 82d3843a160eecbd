import type { Clock } from '../driver/clock.ts';
import type { IncomingExchange } from '../messaging/exchange.ts';
import type { Definition } from '../peer/definitions.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import { Kind, type EndFrame, type ErrorFrame, type RequestFrame, type ResultFrame } from '../wire/frame.ts';
import { AnswerTable, type AnswerLimits, type KeyedCall } from './answers.ts';
import { fingerprint } from './fingerprint.ts';

/** One call with a key, and the session it came through. */
export interface Asker {
  readonly exchange: IncomingExchange;
  /** Answers it. */
  respond(answer: ResultFrame | ErrorFrame): void;
  /** Asks for it anew. */
  ask(): void;
}

/** An answer as it is kept: encoded, so that nobody changes it and its size is known. */
interface KeptAnswer {
  readonly codec: Codec;
  readonly encoded: Encoded;
  readonly bytes: number;
}

interface Asked {
  readonly asker: Asker;
  readonly call: KeyedCall<Asker, KeptAnswer>;
  /** Gives up a call whose session was lost. */
  timer?: unknown;
}

/** What the making of {@link AnswerOnce} needs. */
export interface AnswerOnceOptions {
  readonly limits: AnswerLimits;
  readonly clock: Clock;
  /** One-way: inputs are compared, not kept. */
  readonly hash: (text: string) => string;
}

/** Refusals that say that nothing was done: what refused may be over when the call comes again. */
const passing: ReadonlySet<string> = new Set([
  'UNIMPLEMENTED',
  'INVALID_INPUT',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'UNAUTHENTICATED',
  'FORBIDDEN',
]);

/**
 * Runs the handler of an idempotent call once per user, name and key, however often and through whichever session it is
 * asked.
 *
 * A repeat waits for the handler that runs, or gets the answer that was kept. A handler is told to stop when nobody wants
 * its answer; a client whose session was lost counts as wanting it until the call's deadline, because it will ask again.
 */
export class AnswerOnce {
  readonly #options: AnswerOnceOptions;
  readonly #table: AnswerTable<Asker, KeptAnswer>;
  readonly #asked = new Map<IncomingExchange, Asked>();
  /** Runs that were told to stop: how they end is no answer to those who come later. */
  readonly #stopped = new WeakSet<IncomingExchange>();

  constructor(options: AnswerOnceOptions) {
    this.#options = options;
    this.#table = new AnswerTable(options.limits);
  }

  /** Takes care of a call with a key; false when its handler is to run now. */
  handles(owner: string, asker: Asker): boolean {
    const { clock, hash } = this.#options;
    const { request } = asker.exchange;
    const [, id, name, params] = request;
    const key = (request as RequestFrame)[4]?.k as string;
    // Names have no control characters, so the line feed keeps them apart.
    const verdict = this.#table.ask(owner, `${name}\n${key}`, hash(fingerprint(params)), asker, clock.now());
    switch (verdict.kind) {
      case 'repeat':
        asker.respond(withId(read(verdict.answer), id));
        return true;
      case 'conflict':
        asker.respond([Kind.error, id, 'CONFLICT', 'This idempotency key was used with another input.']);
        return true;
      case 'full':
        asker.respond([Kind.error, id, 'RATE_LIMITED', 'Too many idempotent calls run.', undefined, 1_000]);
        return true;
      case 'wait':
        // Whoever lost a session is here again.
        for (const other of verdict.call.askers) {
          const before = this.#asked.get(other.exchange);
          if (before?.timer !== undefined) this.#leave(before, true);
        }
        break;
      default:
    }
    this.#asked.set(asker.exchange, { asker, call: verdict.call });
    return verdict.kind === 'wait';
  }

  /** A handler finished: its answer is kept, and given to all who wait for it. */
  answered(exchange: IncomingExchange, answer: ResultFrame | ErrorFrame | EndFrame, codec: Codec): void {
    const asked = this.#asked.get(exchange);
    if (asked === undefined || answer[0] === Kind.end) return;
    const { call } = asked;
    this.#forget(asked);
    if (call.runner.exchange !== exchange) return;
    const failed = answer[0] === Kind.error;
    const stopped = failed && this.#stopped.has(exchange);
    const kept = stopped || (failed && passing.has(answer[2])) ? undefined : keep(answer, codec);
    this.#table.settle(call, kept, this.#options.clock.now());
    for (const asker of call.askers) {
      if (asker === call.runner) continue;
      const waiting = this.#asked.get(asker.exchange);
      if (waiting === undefined) continue;
      if (stopped) {
        this.#forget(waiting);
        asker.ask();
      } else asker.respond(withId(answer, asker.exchange.id));
    }
  }

  /**
   * Nobody waits for this exchange any more; false when its handler is to be told to stop now.
   *
   * @param lost - its session ended, and the client may ask again in the next one
   */
  abandoned(exchange: IncomingExchange, lost: boolean): boolean {
    const asked = this.#asked.get(exchange);
    if (asked === undefined) return false;
    const { clock, limits } = this.#options;
    if (lost) {
      const left = Math.min(exchange.deadline - clock.now(), limits.age);
      asked.timer = clock.setTimer(() => this.#leave(asked), Math.max(0, left));
    } else this.#leave(asked);
    return true;
  }

  /** Tells what still runs for lost sessions to stop. */
  close(): void {
    for (const asked of this.#asked.values()) if (asked.timer !== undefined) this.#leave(asked);
  }

  /** One asker less; the last one stops the handler, unless another takes its place. */
  #leave(asked: Asked, replaced = false): void {
    const { asker, call } = asked;
    const runs = call.runner === asker;
    this.#options.clock.clearTimer(asked.timer);
    asked.timer = undefined;
    call.askers.delete(asker);
    if (!runs) {
      // It runs nothing, so it frees its place among the running handlers.
      this.#asked.delete(asker.exchange);
      asker.respond([Kind.error, asker.exchange.id, 'CANCELLED', '']);
    }
    if (replaced || call.askers.size > 0) return;
    this.#stopped.add(call.runner.exchange);
    call.runner.exchange.running?.abort();
  }

  #forget(asked: Asked): void {
    this.#options.clock.clearTimer(asked.timer);
    this.#asked.delete(asked.asker.exchange);
  }
}

/** Whether calls of this definition are answered once. */
export function isAnsweredOnce(def: Definition | undefined): boolean {
  return def?.kind === 'call' && def.idempotent;
}

function keep(answer: ResultFrame | ErrorFrame, codec: Codec): KeptAnswer {
  let encoded: Encoded;
  try {
    encoded = codec.encodeFrame(answer);
  } catch {
    // What cannot be sent is told as such, the next time too.
    encoded = codec.encodeFrame([Kind.error, answer[1], 'INVALID_OUTPUT', 'The answer cannot be sent.']);
  }
  return { codec, encoded, bytes: codec.byteLength(encoded) };
}

function read({ codec, encoded }: KeptAnswer): ResultFrame | ErrorFrame {
  const [, , frame] = codec.decode(codec.encodePacket(0, 0, [encoded])) as [number, number, ResultFrame | ErrorFrame];
  return frame;
}

function withId(frame: ResultFrame | ErrorFrame, id: number): ResultFrame | ErrorFrame {
  const [kind, , ...rest] = frame;
  return [kind, id, ...rest] as unknown as ResultFrame | ErrorFrame;
}
