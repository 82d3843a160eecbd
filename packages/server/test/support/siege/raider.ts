import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { politeHello, politeWelcome } from '../raw-session.ts';
import { until } from '../until.ts';

type Frame = readonly unknown[];

/** Frames in one packet of a raid. */
const perPacket = 1_000;
/** Bytes that may wait in the socket. */
const backlog = 1_048_576;

/** One end that keeps to the handshake and to nothing else, and writes as fast as it can; JSON. */
export class Raider {
  readonly socket: WebSocket;
  /** Code the other side closed with. */
  code: number | undefined;
  /** Frames received, by kind, and errors by code. */
  readonly seen = new Map<number | string, number>();
  #seq = 0;
  /** Highest number received. */
  #ack = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data, binary) => {
      if (!binary) this.#take(JSON.parse(String(data)) as [number, number, ...Frame[]]);
    });
    socket.on('close', (code) => (this.code ??= code));
    // Written to after the other side was gone.
    socket.on('error', () => undefined);
  }

  /** Dials a server and is welcomed. */
  static async dial(port: number): Promise<Raider> {
    const raider = new Raider(new WebSocket(`ws://127.0.0.1:${port}/ws`, 'hawser.1.json'));
    await once(raider.socket, 'open');
    raider.#write([0, 0, [32, { ...politeHello, caps: ['chunk'], contract: 'hawser.siege/1' }]]);
    await until('it is welcomed', () => raider.#of(33) === 1);
    return raider;
  }

  /** Welcomes a client that dialled. */
  static async welcome(socket: WebSocket): Promise<Raider> {
    const raider = new Raider(socket);
    await until('a client says hello', () => raider.#of(32) === 1);
    raider.#write([0, 0, [33, { ...politeWelcome, caps: ['chunk'] }]]);
    return raider;
  }

  /**
   * Writes frames as long as the connection is open: sequenced ones, or with `plain` others.
   *
   * @param answered - how many of them have been answered, for one who lets no more than some thousands wait
   */
  async raid(
    count: number,
    frames: (n: number) => readonly Frame[],
    plain = false,
    answered?: () => number,
  ): Promise<void> {
    let n = 0;
    while (n < count && this.socket.readyState === WebSocket.OPEN) {
      const packet: Frame[] = [];
      for (; n < count && packet.length < perPacket; n += 1) packet.push(...frames(n));
      this.send(packet, plain);
      // Until it has left; one that nobody reads stands still.
      for (let still = 0, before = 0; this.socket.bufferedAmount > backlog && still < 500; still += 1) {
        if (this.socket.bufferedAmount !== before) still = 0;
        before = this.socket.bufferedAmount;
        await turn();
        if (still > 100) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      do await turn();
      while (answered && n - answered() > 5_000 && this.code === undefined);
    }
  }

  send(frames: readonly Frame[], plain = false): void {
    this.#write([plain ? 0 : this.#seq + 1, this.#ack, ...frames]);
    if (!plain) this.#seq += frames.length;
  }

  /** One chunk of a frame; every chunk is sequenced. */
  chunk(id: number, flags: number, total: number | undefined, bytes: number): void {
    this.#seq += 1;
    const head = [this.#seq, this.#ack, id].flatMap(leb);
    this.socket.send(
      Buffer.from([0xc1, ...head, flags, ...(total === undefined ? [] : leb(total)), ...Buffer.alloc(bytes)]),
    );
  }

  /** Whether the other end still answers; false when it ended the connection. */
  async alive(): Promise<boolean> {
    const before = this.#of(36);
    this.#write([0, 0, [35, 7]]);
    await until('a pong or the end comes', () => this.#of(36) > before || this.code !== undefined, 15_000);
    return this.code === undefined;
  }

  /** The code it was closed with. */
  async ended(): Promise<number> {
    await until('the other side ends it', () => this.code !== undefined, 15_000);
    return this.code as number;
  }

  count(what: number | string): number {
    return this.#of(what);
  }

  #of(what: number | string): number {
    return this.seen.get(what) ?? 0;
  }

  #take([seq, , ...frames]: [number, number, ...Frame[]]): void {
    let sequenced = 0;
    for (const [kind, , third] of frames as [number, unknown, unknown][]) {
      if (kind < 32) sequenced += 1;
      this.seen.set(kind, this.#of(kind) + 1);
      if (kind === 4 || kind === 46) this.seen.set(String(third), this.#of(String(third)) + 1);
      // Politely, so that nobody takes it for a dead link.
      if (kind === 35) this.#write([0, this.#ack, [36, 0]]);
    }
    if (seq > 0) this.#ack = Math.max(this.#ack, seq + sequenced - 1);
  }

  #write(packet: unknown): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(packet));
  }
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...leb(Math.floor(value / 128))];
}
