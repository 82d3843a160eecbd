import { Listeners } from '../shared/listeners.ts';
import type { CallHandler } from '../peer/handlers.ts';
import type { PeerParent } from '../peer/peer.ts';
import type { HostedPeer } from './hosted-peer.ts';

/** What a listener registered for all peers is told besides the data. */
export interface ServerMessageMeta {
  readonly peer: HostedPeer;
}

/** Listeners and handlers that serve every peer of an accepting side. */
export class PeerRegistrations {
  readonly #listeners = new Map<string, Listeners<[data: unknown, meta: ServerMessageMeta]>>();
  readonly #handlers = new Map<string, CallHandler>();
  readonly #onError: (name: string, error: unknown) => void;

  constructor(onError: (name: string, error: unknown) => void) {
    this.#onError = onError;
  }

  on(name: string, listener: (data: unknown, meta: ServerMessageMeta) => void): () => void {
    let listeners = this.#listeners.get(name);
    if (listeners === undefined) {
      listeners = new Listeners((error) => this.#onError(name, error));
      this.#listeners.set(name, listeners);
    }
    return listeners.add(listener);
  }

  handle(name: string, handler: CallHandler): () => void {
    if (this.#handlers.has(name)) throw new TypeError(`"${name}" has a handler already; two cannot answer one call.`);
    this.#handlers.set(name, handler);
    return () => void this.#handlers.delete(name);
  }

  /** What one peer looks up here. */
  parentOf(peer: HostedPeer): PeerParent {
    const meta: ServerMessageMeta = { peer };
    return {
      listens: (name) => (this.#listeners.get(name)?.size ?? 0) > 0,
      tell: (name, data) => this.#listeners.get(name)?.tell(data, meta),
      handler: (name) => this.#handlers.get(name),
    };
  }
}
