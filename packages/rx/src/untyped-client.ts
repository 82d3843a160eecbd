import type { CallOptions, ConnectionState, SendOptions } from '@hawser/core';

/** A client whose contract the compiler has forgotten; {@link Rx} gives the types back. */
export interface UntypedClient {
  readonly contract: { readonly serverToClient: Readonly<Record<string, { readonly kind: string }>> };
  readonly state: ConnectionState;
  onState(listener: (now: ConnectionState) => void): () => void;
  on(name: string, handler: (data: unknown) => void): () => void;
  send(name: string, data: unknown, options?: SendOptions): void;
  call(name: string, input: unknown, options: CallOptions): Promise<unknown>;
}
