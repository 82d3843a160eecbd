import type { CallOutcome, ExchangeNews, OutgoingExchange } from '../../messaging/exchange.ts';
import { Kind } from '../../wire/frame.ts';
import { readAs, readOutcome } from '../call/read-outcome.ts';
import type { StreamDef } from '../definitions.ts';
import { exchangesOf } from '../exchanges-of.ts';
import type { PeerHost } from '../peer-host.ts';
import { checkOutbound } from '../validate.ts';

/** What one stream may have on its way without an acknowledgement, and unread at its reader, bytes. */
export const streamBytes = 262_144;

/** Is told what comes of one stream. Neither function may throw. */
export interface StreamReader {
  /** An item, which is unread until {@link OpenStream.took}. */
  next(value: unknown, bytes: number): void;
  /** It is over, told once. @param failure - absent when it is complete */
  ended(failure?: StreamFailure): void;
}

/** Why a stream ended before its end. */
export interface StreamFailure {
  readonly error: unknown;
  /** Its signal fired: what is unread is not wanted any more. */
  readonly aborted: boolean;
}

/** One stream being read. */
export interface OpenStream {
  /** Whether it is over, from either side. */
  readonly closed: boolean;
  /** The reader took an item of so many bytes; more may come for it. */
  took(bytes: number): void;
  /** Nobody reads it any more; nothing is told afterwards. */
  stop(this: void): void;
}

/** Asks for a stream; whatever goes wrong, also at once, is told to the reader. */
export function openStream(
  host: PeerHost,
  name: string,
  def: StreamDef,
  input: unknown,
  { signal, window }: { readonly signal: AbortSignal | undefined; readonly window: number },
  reader: StreamReader,
): OpenStream {
  const exchanges = exchangesOf(host);
  const check = host.validation !== 'off';
  let exchange: OutgoingExchange | undefined;
  let closed = false;
  let unread = 0;
  let taken = 0;

  function stop(): void {
    if (closed) return;
    closed = true;
    signal?.removeEventListener('abort', abort);
    // Nothing to cancel when the other side ended it.
    if (exchange) exchanges.cancel(exchange);
    host.wake();
  }

  function end(failure?: StreamFailure): void {
    stop();
    reader.ended(failure);
  }

  const fail = (error: unknown, aborted: boolean): void => end({ error, aborted });
  const abort = (): void => fail(signal?.reason, true);

  function sink(news: ExchangeNews, bytes = 0): void {
    if (closed) return;
    const item = (news as readonly unknown[])[0] === Kind.item;
    if (!item && (news as readonly unknown[])[0] === Kind.end) return end();
    let value: unknown;
    try {
      if (item) value = readAs(name, check, def.item, (news as readonly unknown[])[2]);
      else readOutcome(name, def, check, news as CallOutcome);
    } catch (error) {
      return fail(error, false);
    }
    unread += bytes;
    reader.next(value, bytes);
  }

  const opened: OpenStream = {
    get closed() {
      return closed;
    },
    took(bytes) {
      unread -= bytes;
      taken += 1;
      // Every other item is asked for while the rest is on its way; one who reads slowly large items asks later.
      if (closed || taken * 2 < window || unread > streamBytes) return;
      exchanges.grant(exchange as OutgoingExchange, taken);
      taken = 0;
      host.wake();
    },
    stop,
  };
  if (signal?.aborted) {
    abort();
    return opened;
  }
  try {
    host.use();
    checkOutbound(host.validation === 'both', name, def.input, input);
    exchange = exchanges.start(
      { name, params: input, timeout: Infinity, key: undefined, opening: window, sink },
      host.now(),
    );
    signal?.addEventListener('abort', abort);
    host.wake();
  } catch (error) {
    fail(error, false);
  }
  return opened;
}
