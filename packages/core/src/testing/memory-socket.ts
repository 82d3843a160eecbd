import type { SocketLike } from '../driver/socket.ts';
import type { Encoded } from '../wire/codec.ts';

/** What a memory socket asks of the network between it and its other end. */
export interface SocketWire {
  transmit(data: Encoded): void;
  /** The close handshake of this end. */
  close(code: number, reason: string): void;
  terminate(): void;
  readonly buffered: number;
}

/** A WebSocket without a network: same rules as a browser's, driven by a {@link MemoryNetwork}. */
export class MemorySocket implements SocketLike {
  binaryType = 'arraybuffer';
  readonly url: string;
  readyState = 0;
  protocol = '';
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  readonly #closeCodes: RegExp;
  #wire: SocketWire | undefined;

  /** @param side - whose rules it keeps: a browser's, or those of a server's socket, which may send more close codes */
  constructor(url: string, side: 'client' | 'server' = 'client') {
    this.url = url;
    this.#closeCodes = side === 'client' ? /^(1000|[34]\d{3})$/ : /^(100[0-37-9]|101[0-4]|[34]\d{3})$/;
  }

  get bufferedAmount(): number {
    return this.#wire?.buffered ?? 0;
  }

  send(data: Encoded): void {
    if (this.readyState === 0) throw new Error('send() on a socket that is still connecting');
    if (this.readyState === 1) this.#wire?.transmit(data);
  }

  close(code?: number, reason = ''): void {
    if (code !== undefined && !this.#closeCodes.test(String(code))) throw new RangeError(`${code} may not be sent`);
    if (this.readyState >= 2) return;
    this.readyState = 2;
    // A close frame without a code is reported as 1005.
    this.#wire?.close(code ?? 1005, reason);
  }

  terminate(): void {
    if (this.readyState === 3) return;
    this.#wire?.terminate();
  }

  /** The network connected it. */
  connected(wire: SocketWire, protocol: string): void {
    this.#wire = wire;
    this.protocol = protocol;
  }

  opened(): void {
    this.readyState = 1;
    this.onopen?.({} as never);
  }

  delivered(data: Encoded): void {
    if (this.readyState !== 1) return;
    const copy = typeof data === 'string' ? data : data.slice().buffer;
    this.onmessage?.({ data: copy } as never);
  }

  ended(code: number, reason: string): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code, reason } as never);
  }
}
