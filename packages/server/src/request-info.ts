import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { PeerCertificate, TLSSocket } from 'node:tls';

/** What is known of the HTTP request behind a connection; everything in it but the address was chosen by the client. */
export interface RequestInfo {
  /** Request headers, names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Request target as it was sent: path and query, such as `/ws?ticket=42`. */
  readonly url: string;
  /** Address of the other end of the TCP connection, which may be a proxy; `undefined` when it is gone already. */
  readonly remoteAddress: string | undefined;
  /** The page's origin; `undefined` for clients that are no browsers. It passed `allowedOrigins`. */
  readonly origin: string | undefined;
  /** The client's certificate, if TLS was asked to request one and verified it; `undefined` otherwise. */
  readonly clientCertificate: PeerCertificate | undefined;
}

/** Reads what the application may see off a Node request. */
export function requestInfo(request: IncomingMessage): RequestInfo {
  const { headers, socket } = request;
  return {
    headers,
    url: request.url ?? '/',
    // A question to the system, put only for those who want to know; Node remembers the answer.
    get remoteAddress() {
      return socket.remoteAddress;
    },
    origin: headers.origin,
    get clientCertificate() {
      const tls = socket as Partial<TLSSocket>;
      return tls.authorized === true ? tls.getPeerCertificate?.() : undefined;
    },
  };
}
