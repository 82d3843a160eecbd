import type { ManualClock } from '../../src/testing/manual-clock.ts';
import type { MemoryNetwork } from '../../src/testing/memory-network.ts';
import type { SocketLike } from '../../src/driver/socket.ts';

/** A welcome, as far as the tests look at it. */
export interface RawWelcome {
  readonly sid: string;
  readonly tok: string;
  readonly resumed: boolean;
  readonly recv: number;
  readonly why?: string;
}

/** What a hello asks to resume. */
export interface RawResume {
  readonly sid: string;
  readonly tok: string;
  readonly n: number;
  readonly recv: number;
  readonly first: number;
}

/** A client that speaks the protocol by hand, so that it can do what the real one never does. */
export class RawClient {
  /** Packets of the server, decoded. */
  readonly packets: unknown[][] = [];
  /** Code the socket was closed with. */
  closed: number | undefined;
  readonly #socket: SocketLike;
  readonly #clock: ManualClock;

  private constructor(socket: SocketLike, clock: ManualClock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.onmessage = ({ data }: { data: string }) => void this.packets.push(JSON.parse(data) as unknown[]);
    socket.onclose = ({ code }: { code: number }) => void (this.closed = code);
  }

  /** Dials. */
  static async open(network: MemoryNetwork, clock: ManualClock): Promise<RawClient> {
    const Socket = network.socketClass();
    const client = new RawClient(new Socket('ws://test.invalid/', ['hawser.1.json']), clock);
    await clock.advance(0);
    return client;
  }

  /** Dials and says hello. */
  static async greet(
    network: MemoryNetwork,
    clock: ManualClock,
    auth: unknown,
    resume?: RawResume,
  ): Promise<RawClient> {
    const client = await RawClient.open(network, clock);
    await client.hello(auth, resume);
    return client;
  }

  get welcome(): RawWelcome {
    const [, , frame] = this.packets[0] as [number, number, [33, RawWelcome]];
    return frame[1];
  }

  /** Frames after the welcome that belong to the session. */
  get frames(): unknown[] {
    return this.packets.slice(1).flatMap(([seq, , ...frames]) => (seq === 0 ? [] : frames));
  }

  async hello(auth: unknown, resume?: RawResume): Promise<void> {
    const lim = { frame: 262_144, msg: 261_120, inflight: 256 };
    await this.say(`[0,0,${JSON.stringify([32, { v: 0, caps: [], lim, auth, resume }])}]`);
  }

  async say(packet: string): Promise<void> {
    this.#socket.send(packet);
    await this.#clock.advance(0);
  }

  close(code: number): void {
    this.#socket.close(code);
  }
}
