import type { SendLimits } from '../session/send-limits.ts';
import type { Session } from '../session/session.ts';
import type { Codec } from '../wire/codec.ts';
import type { WireLimits } from '../wire/frame.ts';
import type { FrameChecks } from '../wire/parse-packet.ts';
import type { Delivery } from './exchange.ts';
import type { Exchanges } from './exchanges.ts';

/** What chunks need from their end of the session. */
export interface BulkRoute extends FrameChecks {
  readonly options: { readonly codec: Codec; readonly accepts: WireLimits; readonly keeps: SendLimits };
  readonly session: Session;
  readonly exchanges: Exchanges | undefined;
  readonly outputs: { push(delivery: Delivery): unknown };
}
