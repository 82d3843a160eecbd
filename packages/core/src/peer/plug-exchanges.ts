import { Exchanges } from '../messaging/exchanges.ts';
import { Answering } from './answering.ts';
import { largeMessages } from './large-messages.ts';
import type { PeerHost } from './peer-host.ts';

/** Gives a peer what calls, streams and uploads share. */
export function plugExchanges(host: PeerHost): void {
  const { endpoint } = host;
  endpoint.exchanges ??= new Exchanges(endpoint, endpoint.options);
  largeMessages.plug(host);
  host.answering ??= new Answering(host);
}
