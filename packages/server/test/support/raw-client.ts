import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { readHead } from './http-head.ts';
import { RawPeer } from './raw-peer.ts';
import { until } from './until.ts';

/** How a raw client asks for the upgrade. */
export interface RawUpgrade {
  readonly port: number;
  /** @defaultValue `'/'` */
  readonly path?: string;
  /** Value of `Sec-WebSocket-Protocol`; `undefined` sends none. */
  readonly protocol?: string;
  /** More headers, or other values for the usual ones; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Bytes written right behind the request, before any answer. */
  readonly early?: Uint8Array;
}

/** What came of a raw upgrade. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Body of a refusal. */
  readonly body: string;
  /** After a 101. */
  readonly peer: RawPeer | undefined;
}

/**
 * Asks for a WebSocket upgrade over a plain socket.
 *
 * @throws Error when the connection ends before the answer's head is complete
 */
export async function rawUpgrade(options: RawUpgrade): Promise<RawAnswer> {
  const socket = connect({ host: '127.0.0.1', port: options.port, noDelay: true });
  const headers: Record<string, string | undefined> = {
    Host: `127.0.0.1:${options.port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Protocol': options.protocol,
    ...options.headers,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  socket.write(`GET ${options.path ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  if (options.early !== undefined) socket.write(options.early);
  const { head, rest } = await readHead(socket);
  const status = Number(head.start.split(' ')[1]);
  if (status === 101) {
    return { status, headers: head.headers, body: '', peer: new RawPeer(head, socket, true, rest) };
  }
  let body = rest.toString();
  socket.on('data', (bytes: Buffer) => (body += bytes.toString()));
  await until('the refusal ends', () => socket.destroyed || socket.readableEnded);
  socket.destroy();
  return { status, headers: head.headers, body, peer: undefined };
}

/** As {@link rawUpgrade}, for an upgrade that must succeed. @throws Error when it does not */
export async function rawConnect(options: RawUpgrade): Promise<RawPeer> {
  const answer = await rawUpgrade(options);
  if (answer.peer === undefined) throw new Error(`The upgrade was answered ${answer.status}: ${answer.body}`);
  return answer.peer;
}
