import { Listeners } from '../shared/listeners.ts';
import type { AnyHandler, PeerParent } from '../peer/peer-host.ts';
import type { HostedPeer } from './hosted-peer.ts';

/** What a listener registered for all peers is told besides the data. */
export interface ServerMessageMeta {
  readonly peer: HostedPeer;
}

/** Listeners and handlers that serve every peer of an accepting side. */
export class PeerRegistrations {
  readonly #listeners: Listeners<Record<string, [data: unknown, meta: ServerMessageMeta]>>;
  readonly #handlers = new Map<string, AnyHandler>();

  constructor(onError: (name: string, error: unknown) => void) {
    this.#listeners = new Listeners(onError);
  }

  on(name: string, listener: (data: unknown, meta: ServerMessageMeta) => void): () => void {
    return this.#listeners.add(name, listener);
  }

  handle(name: string, handler: AnyHandler): () => void {
    if (this.#handlers.has(name)) throw new TypeError(`"${name}" has a handler already; two cannot answer one call.`);
    this.#handlers.set(name, handler);
    return () => void this.#handlers.delete(name);
  }

  /** What one peer looks up here. */
  parentOf(peer: HostedPeer): PeerParent {
    const meta: ServerMessageMeta = { peer };
    return {
      listens: (name) => this.#listeners.has(name),
      tell: (name, data) => this.#listeners.tell(name, data, meta),
      handler: (name) => this.#handlers.get(name),
    };
  }
}
