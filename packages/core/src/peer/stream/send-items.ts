import { explain } from '../../shared/explain.ts';
import type { IncomingExchange } from '../../messaging/exchange.ts';
import type { SendItem } from '../../session/send-item.ts';
import { Kind } from '../../wire/frame.ts';
import type { StreamDef } from '../definitions.ts';
import { exchangesOf } from '../exchanges-of.ts';
import type { CallContext } from '../handler-context.ts';
import type { PeerHost } from '../peer-host.ts';
import { isPromise } from '../promised.ts';
import type { Answer } from '../run-handler.ts';
import { validate } from '../validate.ts';
import { streamBytes } from './open-stream.ts';

type Step = IteratorResult<unknown>;

/** So many microtasks an asynchronous source may take for its next item, to have it leave with the one before. */
const patience = 8;
const settled = /* @__PURE__ */ Promise.resolve();

/**
 * Sends what a handler gave to iterate, as far as there is credit and room; protocol section 4.2.
 *
 * The source is asked only for what can leave, and its `return` is called when nobody reads any more. It counts as a
 * running handler until it has ended.
 *
 * @throws TypeError when it cannot be iterated
 */
export function sendItems(
  host: PeerHost,
  exchange: IncomingExchange,
  def: StreamDef,
  output: unknown,
  answer: Answer,
  context: CallContext,
): void {
  const [, id, name] = exchange.request;
  const { endpoint, validation } = host;
  const exchanges = exchangesOf(host);
  const source = (output ?? {}) as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  const iterator = source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]?.();
  if (!iterator) {
    throw new TypeError(
      explain ? `The handler of "${name}" must return something to iterate, as an async generator does.` : name,
    );
  }
  /** `asked`: a promise of the next step is under way. `busy`: {@link run} is on the stack. */
  let state: 'idle' | 'busy' | 'asked' | 'over' = 'idle';
  /** What the source gave and did not leave yet. */
  let held: Step | undefined;
  /** The source is to end, or was told to. */
  let stopping = false;
  let asynchronous = false;
  /** Microtasks until what was queued leaves; 0 when nothing waits for more. */
  let left = 0;
  let last = (): void => answer.send([Kind.end, id]);
  // What is unacknowledged, in two parts of which only the last item is kept: one that is waited for, one that grows.
  let older: SendItem | undefined;
  let olderBytes = 0;
  let newer: SendItem | undefined;
  let newerBytes = 0;

  /** Whether one more item may leave; if not for want of room, this is resumed when there may be some. */
  function mayLeave(): boolean {
    if (exchange.credit <= 0) return false;
    const { session } = endpoint;
    while (older ? older.seq && older.seq < session.firstSeq : newer) {
      older = newer;
      olderBytes = newerBytes;
      newer = undefined;
      newerBytes = 0;
    }
    const { queueCount, queueBytes, limits } = session;
    // A reader is never so much in need of items that they should crowd out what cannot wait.
    const full =
      olderBytes + newerBytes > streamBytes || queueCount * 4 > limits.queueCount || queueBytes * 4 > limits.queueBytes;
    const { stalled } = exchanges;
    if (full && !stalled.includes(exchange)) stalled.push(exchange);
    return !full;
  }

  function send(value: unknown): void {
    let wrong = validate(validation === 'both', def.item, value).problem;
    if (wrong === undefined) {
      try {
        newer = exchanges.emit(exchange, def.item && value);
        newerBytes += newer?.bytes ?? 0;
        stopping ||= !newer;
        return asynchronous ? soon() : host.wake();
      } catch (error) {
        wrong = (error as Error).message;
      }
    }
    const text = wrong;
    last = () => answer.invalid(text);
    stopping = true;
  }

  /** Items that come within a few microtasks leave together; otherwise each would have a packet of its own. */
  function soon(): void {
    if (left === 0) void settled.then(linger);
    left = patience;
  }

  function linger(): void {
    left -= 1;
    if (left > 0 && state === 'asked') void settled.then(linger);
    else {
      left = 0;
      host.wake();
    }
  }

  function settle(how: () => void): void {
    if (state === 'over') return;
    state = 'over';
    how();
  }

  const finished = (): void => settle(last);
  const failed = (error: unknown): void =>
    settle(() => {
      const { reason } = context.signal;
      // Whoever was told to stop and says so has not failed.
      const told = reason !== undefined && (error === reason || (error as Error | undefined)?.cause === reason);
      if (told) last();
      else answer.fail(error);
    });

  /** Ends the source; the handler is finished when that is done. */
  function close(): void {
    try {
      const closing = iterator?.return?.() as Step | Promise<Step> | undefined;
      if (isPromise(closing)) closing.then(finished, failed);
      else finished();
    } catch (error) {
      failed(error);
    }
  }

  function arrived(step: Step): void {
    if (state === 'over') return;
    state = 'idle';
    held = step;
    // One that was told to end is waited for in `close`.
    if (!stopping) run();
  }

  function run(): void {
    if (state !== 'idle' || stopping) return;
    state = 'busy';
    try {
      while (!stopping && !held?.done && mayLeave()) {
        if (held) {
          const { value } = held;
          held = undefined;
          send(value);
          continue;
        }
        const step = iterator?.next() as Step | Promise<Step>;
        if (isPromise(step)) {
          state = 'asked';
          asynchronous = true;
          step.then(arrived, failed);
          break;
        }
        held = step;
      }
    } catch (error) {
      return failed(error);
    }
    if (state === 'busy') state = 'idle';
    if (stopping) close();
    else if (held?.done) finished();
  }

  exchange.running = {
    abort() {
      context.abort();
      if (stopping || state === 'over') return;
      stopping = true;
      if (state !== 'busy') close();
    },
    resume: run,
  };
  // The session may have ended while the handler ran.
  if (context.signal.aborted) exchange.running.abort();
  run();
}
