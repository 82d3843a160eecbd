import type { SystemError } from '../shared/errors.ts';
import { Exchanges } from '../messaging/exchanges.ts';
import { Answering } from './answering.ts';
import { bulkEndpoint } from './exchanges-of.ts';
import type { PeerHost } from './peer-host.ts';

/** Gives a peer what calls, streams and uploads share. */
export function plugExchanges(host: PeerHost): void {
  const endpoint = bulkEndpoint(host);
  endpoint.exchanges ??= new Exchanges(endpoint, endpoint.options);
  host.answering ??= new Answering(host);
  host.refuse = refuse;
}

/** What gives a promise rejects. */
function refuse(kind: string, error: SystemError, args: readonly unknown[]): unknown {
  // The third argument of a call says that its errors are returned.
  if (kind === 'call' && args[2]) return Promise.resolve({ ok: false, error });
  if (kind === 'call' || kind === 'upload') return Promise.reject(error);
  throw error;
}
