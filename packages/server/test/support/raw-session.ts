import type { Dialect } from './dialect.ts';
import { rawConnect } from './raw-client.ts';
import { Opcode } from './raw-frame.ts';
import type { RawPeer } from './raw-peer.ts';
import { until } from './until.ts';

/** A hello as a well-behaved client would send it. */
export const politeHello = {
  v: 0,
  caps: [],
  lim: { frame: 262_144, msg: 261_120, inflight: 256 },
  contract: 'hawser.arena/1',
} as const;

/** A welcome as a well-behaved server would send it. */
export const politeWelcome = {
  v: 0,
  sid: 'a-session',
  tok: 'a-token',
  resumed: false,
  recv: 0,
  lim: { frame: 262_144, msg: 261_120, inflight: 256 },
  hb: { every: 25_000, grace: 20_000 },
  window: 120_000,
  spread: 0,
  caps: [],
} as const;

/** What of a welcome a test looks at. */
export interface SeenWelcome {
  readonly sid: string;
  readonly tok: string;
  readonly resumed: boolean;
  readonly recv: number;
  readonly why?: string;
}

/** A raw connection that speaks in packets. */
export class RawSession {
  readonly peer: RawPeer;
  readonly #dialect: Dialect;
  #pings = 1_000;

  constructor(peer: RawPeer, dialect: Dialect) {
    this.peer = peer;
    this.#dialect = dialect;
  }

  /** Opens a connection that has not said hello. */
  static async open(port: number, dialect: Dialect): Promise<RawSession> {
    return new RawSession(await rawConnect({ port, path: '/ws', protocol: dialect.codec.subprotocol }), dialect);
  }

  /** Opens a connection and says hello; `more` goes into it. Returns what came first, a welcome or a reject. */
  static async greet(
    port: number,
    dialect: Dialect,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<{ session: RawSession; welcome: SeenWelcome }> {
    const session = await RawSession.open(port, dialect);
    session.send([0, 0, [32, { ...politeHello, ...more }]]);
    const [, , frame] = await session.read();
    return { session, welcome: (frame as [number, SeenWelcome])[1] };
  }

  /** Sends packets, each a message of its own. */
  send(...packets: readonly unknown[]): void {
    this.peer.send(...packets.map((packet) => this.#dialect.write(packet)));
  }

  /** The next packet. */
  async read(): Promise<readonly unknown[]> {
    return this.#dialect.read(await this.peer.next()) as readonly unknown[];
  }

  /** Reads on to a frame of this kind. */
  async frame(kind: number): Promise<readonly unknown[]> {
    for (;;) {
      const [, , ...frames] = await this.read();
      const found = frames.find((frame) => (frame as readonly unknown[])[0] === kind);
      if (found !== undefined) return found as readonly unknown[];
    }
  }

  /** Whether the other end still answers: sends a ping and waits for its pong, or for the end. */
  async alive(): Promise<boolean> {
    this.#pings += 1;
    const n = this.#pings;
    this.send([0, 0, [35, n]]);
    const pong = (): boolean => this.frames.some((frame) => frame[0] === 36 && frame[1] === n);
    await until('a pong or the end comes', () => pong() || this.peer.closeFrame !== undefined || this.peer.gone);
    return pong();
  }

  /** Pongs received so far. */
  get pongs(): number {
    return this.frames.filter(([kind]) => kind === 36).length;
  }

  /** Messages received so far. */
  get numbers(): number {
    return this.frames.filter(([kind]) => kind === 1).length;
  }

  /** Every frame received so far, oldest first. */
  get frames(): (readonly unknown[])[] {
    return this.peer.frames.flatMap(({ opcode, payload }) => {
      if (opcode !== Opcode.text && opcode !== Opcode.binary) return [];
      const packet = this.#dialect.read(opcode === Opcode.text ? payload.toString() : payload);
      return Array.isArray(packet) ? (packet.slice(2) as unknown[][]) : [];
    });
  }
}
