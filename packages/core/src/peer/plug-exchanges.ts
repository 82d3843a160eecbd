import { Exchanges } from '../messaging/exchanges.ts';
import { Answering } from './answering.ts';
import { bulkEndpoint } from './exchanges-of.ts';
import type { PeerHost } from './peer-host.ts';

/** Gives a peer what calls, streams and uploads share. */
export function plugExchanges(host: PeerHost): void {
  const endpoint = bulkEndpoint(host);
  endpoint.exchanges ??= new Exchanges(endpoint, endpoint.options);
  host.answering ??= new Answering(host);
}
