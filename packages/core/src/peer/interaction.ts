import type { IncomingExchange } from '../messaging/exchange.ts';
import type { CallContext } from './handler-context.ts';
import type { AnyHandler, PeerHost, Plug } from './peer-host.ts';

/**
 * What makes a kind of definition work.
 *
 * Each definition carries its own, so a bundle holds only the kinds its contract names; whoever has a peer finds here what
 * the peer itself need not know.
 */
export interface Interaction extends Plug {
  /** Starts one for the application of this end. */
  begin(this: void, host: PeerHost, name: string, def: never, ...args: unknown[]): unknown;
  /** Answers one of the other end; absent where nothing is answered. */
  serve?(
    this: void,
    host: PeerHost,
    exchange: IncomingExchange,
    def: never,
    handler: AnyHandler,
    context: CallContext,
  ): void;
}

/** The interactions some definitions need, each once. */
export function interactionsOf(
  ...groups: readonly Readonly<Record<string, { readonly '~run'?: unknown }>>[]
): readonly Interaction[] {
  const all = groups.flatMap((group) => Object.values(group)).map((def) => def['~run'] as Interaction | undefined);
  return [...new Set(all)].filter((found) => found !== undefined);
}
