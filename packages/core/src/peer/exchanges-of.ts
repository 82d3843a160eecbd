import type { BulkEndpoint } from '../endpoint/bulk-endpoint.ts';
import type { Exchanges } from '../messaging/exchanges.ts';
import type { PeerHost } from './peer-host.ts';

/** The endpoint of a peer whose contract has more than messages. */
export function bulkEndpoint({ endpoint }: PeerHost): BulkEndpoint {
  return endpoint as BulkEndpoint;
}

/** The exchanges of a peer that has some. */
export function exchangesOf(host: PeerHost): Exchanges {
  return bulkEndpoint(host).exchanges as Exchanges;
}
