import { createServer as createHttps } from 'node:https';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createServer } from '../create-server.ts';
import { certificate, certificateKey } from '../../test/stage/certificate.ts';
import { fleet, idleHandlers } from '../../test/stage/fleet.ts';
import { Stage } from '../../test/stage/stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.strike());

/** An HTTPS server that asks for a certificate and takes any; names clients by it. */
async function open(trusted: string[] = [certificate]): Promise<number> {
  const https = createHttps({
    cert: certificate,
    key: certificateKey,
    ca: trusted,
    requestCert: true,
    rejectUnauthorized: false,
  });
  const server = createServer({
    contract: fleet,
    authenticate: ({ request }) => ({ device: String(request.clientCertificate?.subject.CN) }),
  }).implement({ ...idleHandlers, whoami: (_, { peer }) => ({ user: peer.auth.device }) });
  server.attach(https, { path: '/ws' });
  const port = await stage.listen(https);
  stage.use(server);
  return port;
}

it('authenticate sees the certificate of the client, if TLS verified it', async () => {
  const port = await open();
  const url = `wss://127.0.0.1:${port}/ws`;
  const named = stage.client(port, { url, socketOptions: { ca: certificate, cert: certificate, key: certificateKey } });
  const nameless = stage.client(port, { url, socketOptions: { ca: certificate } });
  expect(await named.call('whoami')).toEqual({ user: 'device-7' });
  expect(await nameless.call('whoami')).toEqual({ user: 'undefined' });
});

it('authenticate does not see a certificate that TLS could not verify', async () => {
  const port = await open([]);
  const client = stage.client(port, {
    url: `wss://127.0.0.1:${port}/ws`,
    socketOptions: { ca: certificate, cert: certificate, key: certificateKey },
  });
  expect(await client.call('whoami')).toEqual({ user: 'undefined' });
});

it('a page served over TLS may connect to its own host', async () => {
  const port = await open();
  const client = stage.client(port, {
    url: `wss://127.0.0.1:${port}/ws`,
    socketOptions: { ca: certificate, origin: `https://127.0.0.1:${port}` },
  });
  expect(await client.call('whoami')).toEqual({ user: 'undefined' });
});
