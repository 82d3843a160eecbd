import { explain } from '../../shared/explain.ts';
import { systemError } from '../../shared/errors.ts';
import type { CallOutcome, ExchangeNews, OutgoingExchange } from '../../messaging/exchange.ts';
import { UploadTurns } from '../../messaging/upload-turns.ts';
import { maxChunk, minChunk } from '../../wire/chunk.ts';
import { Kind } from '../../wire/frame.ts';
import { readOutcome } from '../call/read-outcome.ts';
import { BulkEndpoint } from '../../endpoint/bulk-endpoint.ts';
import type { UploadDef } from '../definitions.ts';
import { bulkEndpoint, exchangesOf } from '../exchanges-of.ts';
import { plugExchanges } from '../plug-exchanges.ts';
import type { Interaction } from '../interaction.ts';
import type { PeerHost } from '../peer-host.ts';
import { problem } from '../problem.ts';
import { promised, type Settle } from '../promised.ts';
import { answerWith, runHandler } from '../run-handler.ts';
import { checkOutbound } from '../validate.ts';
import { UploadFeed } from './upload-feed.ts';
import { UploadReader } from './upload-reader.ts';
import { readSource } from './upload-source.ts';
import type { UploadOptions, UploadSource } from './upload-surface.ts';

/** The uploads of each end that run and wait. */
const turnsOf = new WeakMap<object, UploadTurns>();

/** Uploads: bytes of any length, one answer. */
export const uploadInteraction: Interaction = {
  Endpoint: BulkEndpoint,
  plug: plugExchanges,
  begin: (host, name, def: UploadDef, input, source, options) =>
    promised((options as UploadOptions | undefined)?.signal, (settle) =>
      begin(host, name, def, input, source as UploadSource, options as UploadOptions | undefined, settle),
    ),
  serve(host, exchange, def: UploadDef, handler, context) {
    const { signal } = context;
    const [, id] = exchange.request;
    const chunks = new UploadReader(host, exchange, def.chunk, signal);
    Object.assign(context, { chunks, resume: chunks.resume });
    runHandler(host, exchange, def, handler, context, (output, answer) =>
      answerWith(host, id, def.output, output, {
        ...answer,
        fail(error) {
          // A reader of bytes that no longer come fails with the reason: that is how it stops, not a fault of its own.
          if (error && error === chunks.refused) answer.send([Kind.error, id, 'CANCELLED', '']);
          else answer.fail(error);
        },
      }),
    );
  },
};

function begin(
  host: PeerHost,
  name: string,
  def: UploadDef,
  input: unknown,
  source: UploadSource,
  { chunkSize = 16_384, onProgress, timeout = Infinity }: UploadOptions = {},
  settle: Settle,
): () => void {
  host.use();
  checkOutbound(host.validation === 'both', name, def.input, input);
  const { bulk } = bulkEndpoint(host);
  const exchanges = exchangesOf(host);
  const turns = turnsOf.get(bulk) ?? new UploadTurns(host.endpoint.options.keeps.queueCount);
  turnsOf.set(bulk, turns);
  const reader = readSource(source);
  const { total } = reader;
  const deadline = host.now() + timeout;
  let acked = 0;
  let over = false;
  let exchange: OutgoingExchange | undefined;
  let feed: UploadFeed | undefined;

  function progress(more: number): void {
    // What is acknowledged of an upload that is over interests nobody.
    if (over) return;
    acked += more;
    feed?.resume();
    try {
      onProgress?.({ acked, total });
    } catch (cause) {
      const text = explain && `\`onProgress\` of the upload "${name}" threw.`;
      host.report(problem('handler-error', name, 'INTERNAL', text, { cause }));
    }
  }

  function start(): void {
    exchange = exchanges.start(
      { name, params: input, timeout: deadline - host.now(), key: undefined, opening: 0, sink },
      host.now(),
    );
    const size = Math.min(maxChunk, Math.max(minChunk, Math.floor(chunkSize)));
    feed = new UploadFeed(bulk, exchange, reader, size, () => host.wake());
    feed.run().catch(fail);
    host.wake();
  }

  function sink(news: ExchangeNews): void {
    if (news instanceof Error || news[0] === Kind.result || news[0] === Kind.error)
      settle(() => readOutcome(name, def, host.validation !== 'off', news as CallOutcome));
    else if (news[0] === 'acked') progress(news[1]);
    else feed?.resume();
  }

  function fail(error: unknown): void {
    settle(() => {
      throw error;
    });
  }

  let stopWaiting: (() => void) | undefined;
  function takeTurn(): boolean {
    stopWaiting?.();
    try {
      // The peer may have been closed meanwhile, which is how the one before this one ended.
      host.use();
      start();
      return true;
    } catch (error) {
      fail(error);
      return false;
    }
  }
  let running = false;
  try {
    running = turns.reserve(name, takeTurn);
    if (running) start();
  } catch (error) {
    reader.stop();
    if (running) turns.release();
    throw error;
  }
  if (!running && timeout < Infinity) {
    stopWaiting = host.after(timeout, () =>
      fail(systemError('TIMEOUT', explain && `"${name}" waited too long for other uploads.`)),
    );
  }
  return () => {
    if (over) return;
    over = true;
    turns.forget(takeTurn);
    stopWaiting?.();
    feed?.stop();
    reader.stop();
    if (exchange) {
      exchanges.cancel(exchange);
      turns.release();
    }
    host.wake();
  };
}
