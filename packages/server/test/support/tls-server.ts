import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { UpgradeSource } from '@hawser/server';

/** Certificates made by `certificates/make.sh`. */
export type Certificate = 'good' | 'self-signed' | 'expired' | 'wrong-host';

const read = (name: string): string => readFileSync(new URL(`./certificates/${name}.pem`, import.meta.url), 'utf8');

/** What a client must trust to accept `good`. */
export const authority: string = read('authority');

/** An HTTPS server on 127.0.0.1, to attach a Hawser server to. */
export interface TlsServer {
  readonly source: UpgradeSource;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts on a free port. */
export async function startTls(certificate: Certificate): Promise<TlsServer> {
  const https = createServer({ key: read('key'), cert: read(certificate) });
  const sockets = new Set<Socket>();
  https.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // A client that breaks the TLS handshake off is what these tests are about.
  https.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => {
    https.listen(0, '127.0.0.1', resolve);
  });
  return {
    source: https,
    port: (https.address() as AddressInfo).port,
    async stop() {
      const stopped = new Promise<void>((resolve) => {
        https.close(() => resolve());
      });
      for (const socket of sockets) socket.destroy();
      await stopped;
    },
  };
}
