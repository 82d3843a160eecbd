import { HawserError } from '../../shared/errors.ts';
import type { Exchanges } from '../../messaging/exchanges.ts';
import type { CallOutcome } from '../../messaging/exchange.ts';
import type { CallDef } from '../definitions.ts';
import type { Interaction } from '../interaction.ts';
import type { PeerHost } from '../peer-host.ts';
import type { CallOptions } from '../peer-surface.ts';
import { plugExchanges } from '../plug-exchanges.ts';
import { promised } from '../promised.ts';
import { answerWith, runHandler } from '../run-handler.ts';
import { checkOutbound } from '../validate.ts';
import { readOutcome } from './read-outcome.ts';

/** Calls: one question, one answer. */
export const callInteraction: Interaction = {
  plug: plugExchanges,
  begin: call,
  serve(host, exchange, def: CallDef, handler, context) {
    runHandler(host, exchange, def, handler, context, (output, answer) =>
      answerWith(host, exchange.request[1], def.output, output, answer),
    );
  },
};

function call(
  host: PeerHost,
  name: string,
  def: CallDef,
  input: unknown,
  { signal, timeout = host.callTimeout, idempotencyKey }: CallOptions = {},
  safe?: boolean,
): Promise<unknown> {
  const answered = promised(signal, (settle) => {
    host.use();
    checkOutbound(host.validation === 'both', name, def.input, input);
    const exchanges = host.endpoint.exchanges as Exchanges;
    const exchange = exchanges.start(
      {
        name,
        params: input,
        timeout,
        key: idempotencyKey ?? (def.idempotent ? host.randomId() : undefined),
        sink: (outcome) => settle(() => readOutcome(name, def, host.validation !== 'off', outcome as CallOutcome)),
      },
      host.now(),
    );
    host.wake();
    return () => {
      // Nothing to cancel any more, unless the signal fired.
      exchanges.cancel(exchange);
      host.wake();
    };
  });
  if (!safe) return answered;
  return answered.then(
    (data) => ({ ok: true, data }),
    (error: unknown) => {
      if (!(error instanceof HawserError) || error === signal?.reason) throw error;
      return { ok: false, error };
    },
  );
}
