import type { Socket } from 'node:net';
import { until } from './until.ts';

/** The first line and the headers of an HTTP message; header names in lower case. */
export interface HttpHead {
  readonly start: string;
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Reads up to the end of the head; `rest` is what came behind it.
 *
 * @throws Error when the connection ends first
 */
export async function readHead(socket: Socket): Promise<{ head: HttpHead; rest: Buffer }> {
  let bytes = Buffer.alloc(0);
  let ended = false;
  // Someone must listen for the whole life of the socket: how it ends is read off its state.
  socket.on('error', () => {});
  const onData = (more: Buffer): void => {
    bytes = Buffer.concat([bytes, more]);
  };
  const onClose = (): void => {
    ended = true;
  };
  socket.on('data', onData).on('close', onClose);
  const end = (): number => bytes.indexOf('\r\n\r\n');
  await until('the HTTP head arrives', () => end() >= 0 || ended);
  socket.off('data', onData).off('close', onClose);
  if (end() < 0) throw new Error(`The connection ended in the HTTP head, after ${bytes.length} bytes.`);
  const [start = '', ...lines] = bytes.subarray(0, end()).toString('latin1').split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { head: { start, headers }, rest: bytes.subarray(end() + 4) };
}
