import { HawserError } from '../../shared/errors.ts';
import type { CallOutcome } from '../../messaging/exchange.ts';
import { BulkEndpoint } from '../../endpoint/bulk-endpoint.ts';
import type { CallDef } from '../definitions.ts';
import { exchangesOf } from '../exchanges-of.ts';
import { plugExchanges } from '../plug-exchanges.ts';
import type { Interaction } from '../interaction.ts';
import type { PeerHost } from '../peer-host.ts';
import type { CallOptions } from '../peer-surface.ts';
import { promised } from '../promised.ts';
import { randomId } from '../random-id.ts';
import { answerWith, runHandler } from '../run-handler.ts';
import { checkOutbound } from '../validate.ts';
import { readOutcome } from './read-outcome.ts';

/** Calls: one question, one answer. */
export const callInteraction: Interaction = {
  Endpoint: BulkEndpoint,
  plug: plugExchanges,
  begin: call,
  serve(host, exchange, def: CallDef, handler, context) {
    runHandler(host, exchange, def, handler, context, (output, answer) =>
      answerWith(host, exchange.id, def.output, output, answer),
    );
  },
};

function call(
  host: PeerHost,
  name: string,
  def: CallDef,
  input: unknown,
  options: CallOptions = {},
  safe?: boolean,
): Promise<unknown> {
  const { idempotent } = def;
  const step = (place: number, how: CallOptions): Promise<unknown> => {
    const around = host.middleware?.[place];
    const next = (more?: CallOptions): Promise<unknown> => step(place + 1, { ...how, ...more });
    // What it throws at once rejects as well.
    return around ? new Promise((resolve) => resolve(around({ name, input, options: how, next }))) : ask(how);
  };
  const ask = ({ signal, timeout = host.callTimeout, idempotencyKey: key, traceparent: trace }: CallOptions) =>
    promised(signal, (settle) => {
      host.use();
      checkOutbound(host.validation === 'both', name, def.input, input);
      const exchanges = exchangesOf(host);
      const sink = (outcome: unknown): void =>
        settle(() => readOutcome(name, def, host.validation !== 'off', outcome as CallOutcome, exchange.again));
      const exchange = exchanges.start({ name, params: input, timeout, key, trace, idempotent, sink }, host.now());
      host.wake();
      return () => {
        // Nothing to cancel any more, unless the signal fired.
        if (exchanges.cancel(exchange)) host.wake();
      };
    });
  // One key for all attempts, those of middleware included.
  const answered = step(0, idempotent ? { idempotencyKey: randomId(), ...options } : options);
  if (!safe) return answered;
  return answered.then(
    (data) => ({ ok: true, data }),
    (error: unknown) => {
      if (!(error instanceof HawserError) || error === options.signal?.reason) throw error;
      return { ok: false, error };
    },
  );
}
