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
  #wire: SocketWire | undefined;

  constructor(url: string) {
    this.url = url;
  }

  get bufferedAmount(): number {
    return this.#wire?.buffered ?? 0;
  }

  send(data: Encoded): void {
    if (this.readyState === 0) throw new Error('send() on a socket that is still connecting');
    if (this.readyState === 1) this.#wire?.transmit(data);
  }

  close(code = 1000, reason = ''): void {
    if (code !== 1000 && (code < 3000 || code > 4999)) throw new RangeError(`a browser does not send ${code}`);
    if (this.readyState >= 2) return;
    this.readyState = 2;
    this.#wire?.close(code, reason);
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
