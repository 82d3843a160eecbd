import { Listeners } from '../shared/listeners.ts';
import type { AnyHandler, PeerParent } from '../peer/peer-host.ts';
import type { HostedPeer } from './hosted-peer.ts';

/** What a listener registered for all peers is told besides the data. */
export interface ServerMessageMeta {
  readonly peer: HostedPeer;
}

/** Listeners and handlers that serve every peer of an accepting side. */
export class PeerRegistrations implements PeerParent {
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

  listens(name: string): boolean {
    return this.#listeners.has(name);
  }

  tell(name: string, data: unknown, peer: unknown): void {
    this.#listeners.tell(name, data, (peer as HostedPeer).meta);
  }

  handler(name: string): AnyHandler | undefined {
    return this.#handlers.get(name);
  }
}
