import { explain } from '../../shared/explain.ts';
import { BulkEndpoint } from '../../endpoint/bulk-endpoint.ts';
import type { StreamDef } from '../definitions.ts';
import type { Interaction } from '../interaction.ts';
import type { PeerHost } from '../peer-host.ts';
import { plugExchanges } from '../plug-exchanges.ts';
import { runHandler } from '../run-handler.ts';
import { iterateStream } from './iterate-stream.ts';
import { openStream, type OpenStream, type StreamReader } from './open-stream.ts';
import { sendItems } from './send-items.ts';
import type { Stream, StreamOptions } from './stream-surface.ts';
import { subscribeToStream } from './subscribe-to-stream.ts';

/** Streams: one question, any number of items. */
export const streamInteraction: Interaction = {
  Endpoint: BulkEndpoint,
  plug: plugExchanges,
  begin: stream,
  serve(host, exchange, def: StreamDef, handler, context) {
    runHandler(host, exchange, def, handler, context, (output, answer) =>
      sendItems(host, exchange, def, output, answer, context),
    );
  },
};

function stream(
  host: PeerHost,
  name: string,
  def: StreamDef,
  input: unknown,
  { signal, window = 32 }: StreamOptions = {},
): Stream<unknown> {
  if (!(Number.isInteger(window) && window > 0 && window <= 1_024))
    throw new TypeError(explain ? `\`window\` is ${window}; it takes an integer from 1 to 1,024.` : 'window');
  const open = (reader: StreamReader): OpenStream => openStream(host, name, def, input, { signal, window }, reader);
  return {
    [Symbol.asyncIterator]: () => iterateStream(open),
    subscribe: (observer) => subscribeToStream(host, name, open, observer),
  };
}
