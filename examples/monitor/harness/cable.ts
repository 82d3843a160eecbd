import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** How the cable fails: `cut` resets every connection and refuses new ones, `black-hole` swallows every byte in silence. */
export type Fault = 'cut' | 'black-hole';

/** What the cable does right now. */
export type CableState =
  | { readonly state: 'up' }
  /** `until`: when it heals by itself, epoch milliseconds. */
  | { readonly state: Fault; readonly until: number };

/** Where the cable leads. */
export interface CableOptions {
  /** Address to listen on. */
  readonly host: string;
  /** Port of the service on this machine. */
  readonly target: number;
  /** Called on every change. */
  readonly onChange?: (state: CableState) => void;
}

const loopback = '127.0.0.1';

interface Pair {
  readonly near: Socket;
  /** Missing when the connection was swallowed before it reached the service. */
  readonly far: Socket | undefined;
}

/** A TCP proxy that can be cut: what lies between the pages and the service. */
export class Cable {
  readonly #options: CableOptions;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #state: CableState = { state: 'up' };
  #heal: NodeJS.Timeout | undefined;
  #bytes = 0;
  #faults = 0;

  constructor(options: CableOptions) {
    this.#options = options;
    this.#server = createServer((near) => this.#accept(near));
  }

  get state(): CableState {
    return this.#state;
  }

  /** Open connections, bytes carried in both directions, and faults so far. */
  get counts(): { readonly links: number; readonly bytes: number; readonly faults: number } {
    return { links: this.#pairs.size, bytes: this.#bytes, faults: this.#faults };
  }

  /** Starts to accept connections; resolves with the port. @throws the system's error when the port is taken */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, this.#options.host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Breaks the cable for `duration` milliseconds. */
  fail(fault: Fault, duration: number): void {
    clearTimeout(this.#heal);
    this.#faults++;
    this.#heal = setTimeout(() => this.restore(), duration);
    if (fault === 'cut') this.#resetAll();
    else for (const pair of this.#pairs) hold(pair);
    this.#change({ state: fault, until: Date.now() + duration });
  }

  /** Repairs the cable; connections that hung in a black hole are reset, as by a router that lost its memory. */
  restore(): void {
    if (this.#state.state === 'up') return;
    clearTimeout(this.#heal);
    if (this.#state.state === 'black-hole') this.#resetAll();
    this.#change({ state: 'up' });
  }

  /** Drops everything and stops listening. */
  async close(): Promise<void> {
    clearTimeout(this.#heal);
    this.#resetAll();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #change(state: CableState): void {
    this.#state = state;
    this.#options.onChange?.(state);
  }

  #accept(near: Socket): void {
    // A reset follows as an error and then a close; the close is enough to know.
    near.on('error', () => {});
    if (this.#state.state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    near.setNoDelay(true);
    const far = this.#state.state === 'up' ? connect(this.#options.target, loopback) : undefined;
    const pair: Pair = { near, far };
    this.#pairs.add(pair);
    near.on('close', () => this.#drop(pair));
    if (!far) {
      near.pause();
      return;
    }
    far.setNoDelay(true);
    far.on('error', () => {});
    far.on('close', () => this.#drop(pair));
    this.#carry(near, far);
    this.#carry(far, near);
  }

  #carry(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      this.#bytes += chunk.length;
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => {
      if (this.#state.state !== 'black-hole') from.resume();
    });
    from.on('end', () => to.end());
  }

  #drop(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    pair.near.destroy();
    pair.far?.destroy();
  }

  #resetAll(): void {
    const pairs = [...this.#pairs];
    this.#pairs.clear();
    for (const { near, far } of pairs) {
      near.resetAndDestroy();
      far?.resetAndDestroy();
    }
  }
}

function hold({ near, far }: Pair): void {
  near.pause();
  far?.pause();
}
