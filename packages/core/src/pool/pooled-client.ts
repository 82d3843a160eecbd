import type { CloseReport } from '../client/client-surface.ts';
import { HawserClient } from '../client/client.ts';
import type { ResolvedOptions } from '../client/resolve-options.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { DialInfo } from '../driver/dialer.ts';
import { BulkEndpoint } from '../endpoint/bulk-endpoint.ts';
import type { SendOptions } from '../peer/peer-surface.ts';
import type { SharedLimits, SharedRoom } from '../session/send-limits.ts';
import { DialPermit } from './dial-permit.ts';

/** What the clients of a pool share, and whom they tell. */
export interface PooledHost {
  /** What all of them keep, with this one counted as of now. */
  kept(client: PooledClient): SharedRoom;
  /** Whether this one may send one frame now; if not, it is woken when it may. */
  maySend(client: PooledClient): boolean;
  /** Whether one frame may go that is not sent later. */
  maySendVolatile(): boolean;
  /** A dial wants to begin. */
  enter(permit: DialPermit): void;
  /** A dial is over. */
  leave(permit: DialPermit): void;
  /** It is closed, or about to be: the next lease of its key is of another. */
  forget(client: PooledClient): void;
  /** It closes, and its pool is not closed before that has come to its end. */
  closing(ending: Promise<CloseReport>): void;
  changed(client: PooledClient, now: ConnectionState): void;
}

/** A client that dials, sends and keeps no more than its pool lets it. */
export class PooledClient extends HawserClient {
  readonly key: string;
  /** What the pool has counted of it, bytes. */
  counted = 0;
  readonly #host: PooledHost;
  readonly #ties: Ties;

  constructor(key: string, options: ResolvedOptions, host: PooledHost) {
    const ties: Ties = { permit: undefined, client: undefined, late: false, tight: false };
    super({ ...options, ...gated(options, host, ties), keeps: sharedLimits(options.keeps, host, ties) });
    this.key = key;
    this.#host = host;
    this.#ties = ties;
    ties.client = this;
  }

  /** What it keeps to send, bytes. */
  get keptBytes(): number {
    const { queueBytes, replayBytes } = this.endpoint.session;
    return queueBytes + replayBytes + this.largeBytes;
  }

  /** What it keeps to send of large messages, bytes. */
  get largeBytes(): number {
    const { endpoint } = this;
    const { queueBytes, replayBytes } = endpoint.session;
    // Asking for what carries them would make it.
    if (!(endpoint instanceof BulkEndpoint) || endpoint.keptBytes === queueBytes + replayBytes) return 0;
    return endpoint.bulk.queueBytes;
  }

  override send(name: string, data?: unknown, options?: SendOptions): void {
    // Not numbered, so no session asks for it; and what may be lost is not worth a place in line.
    if (options?.whenOffline === 'drop' && this.endpoint.attached && !this.#host.maySendVolatile()) return;
    super.send(name, data, options);
  }

  override close(how?: { readonly drain?: number }): Promise<CloseReport> {
    this.#host.forget(this);
    const ending = super.close(how);
    this.#host.closing(ending);
    return ending;
  }

  override tick(now: number): void {
    super.tick(now);
    this.#host.kept(this);
  }

  override changed(now: ConnectionState, before: ConnectionState): void {
    // Its listeners may lease their key again.
    if (now.status === 'closed') this.#host.forget(this);
    super.changed(now, before);
    const { permit } = this.#ties;
    if (permit && !isDialing(now)) {
      this.#ties.permit = undefined;
      this.#host.leave(permit);
    }
    this.#host.changed(this, now);
  }

  /** The socket is not open in time. */
  late(): void {
    if (!('phase' in this.state) || this.state.phase !== 'opening') return;
    this.#ties.late = true;
    this.take({ type: 'fault', code: 4508, reason: 'timeout' });
    this.#ties.late = false;
  }
}

/** What the options of a client know about it, which is made of them. */
interface Ties {
  client: PooledClient | undefined;
  /** Of the dial under way. */
  permit: DialPermit | undefined;
  /** Whether that dial is being given up because its time is over. */
  late: boolean;
  /** Whether the pool's bound was nearer than the client's own when they were last compared. */
  tight: boolean;
}

function isDialing(state: ConnectionState): boolean {
  return 'phase' in state && state.phase !== 'waiting';
}

/** Waiting for one's turn takes none of a dial's time, so the pool keeps that time itself. */
function gated(
  { url, auth, clock, reconnect }: ResolvedOptions,
  host: PooledHost,
  ties: Ties,
): Pick<ResolvedOptions, 'url' | 'auth' | 'reconnect'> {
  const { connectTimeout } = reconnect;
  return {
    url: (info: DialInfo) => {
      if (ties.permit) host.leave(ties.permit);
      const permit = new DialPermit(clock, connectTimeout, () => ties.client?.late());
      ties.permit = permit;
      host.enter(permit);
      return permit.resolve(url, info);
    },
    // Asked for right after the address, in the same dial.
    auth: typeof auth === 'function' ? (info: DialInfo) => ties.permit?.resolve(auth, info) : auth,
    reconnect: {
      ...reconnect,
      get connectTimeout() {
        return ties.late ? connectTimeout : Infinity;
      },
    },
  };
}

/** The client's own bounds, or what is left of the pool's. */
function sharedLimits(own: SharedLimits, host: PooledHost, ties: Ties): SharedLimits {
  const room = (kept: number, limit: number): number => {
    const { client } = ties;
    if (client === undefined) return limit;
    const { keptBytes, memory } = host.kept(client);
    const left = Math.max(0, memory - keptBytes);
    ties.tight = left < limit - kept;
    return ties.tight ? kept + left : limit;
  };
  return {
    ...own,
    get queueBytes() {
      return room(ties.client?.endpoint.session.queueBytes ?? 0, own.queueBytes);
    },
    get replayBytes() {
      // While the queue has no room, one item larger than this bound must not look like a session that keeps too much.
      return Math.max(own.replayBytes, ties.client?.endpoint.session.replayBytes ?? 0);
    },
    get largeBytes() {
      return room(ties.client?.largeBytes ?? 0, own.largeBytes);
    },
    congested: (bytes) => {
      const client = ties.client as PooledClient;
      if (bytes === undefined) return host.maySend(client) ? undefined : host.kept(client);
      // The size alone does not tell: a message dropped to make room may be smaller than the one that wanted it.
      const crowded = client.endpoint.session.queueCount + 1 >= own.queueCount;
      return ties.tight && !crowded ? { ...host.kept(client) } : undefined;
    },
  };
}
