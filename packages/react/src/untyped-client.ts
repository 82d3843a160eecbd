import type { CallOptions, ConnectionState } from '@hawser/core';

/** A client whose contract the compiler has forgotten; the hooks' public types give it back. */
export interface UntypedClient {
  readonly state: ConnectionState;
  onState(listener: () => void): () => void;
  lease(): () => void;
  send(name: string, data?: unknown, options?: object): void;
  on(name: string, handler: (data: unknown, meta: unknown) => void, options?: object): () => void;
  once(name: string, options?: object): Promise<unknown>;
  call(name: string, input: unknown, options: CallOptions): Promise<unknown>;
  safeCall(name: string, input?: unknown, options?: CallOptions): Promise<unknown>;
  handle(name: string, handler: (input: unknown, context: unknown) => unknown, options?: object): () => void;
}
