import type { Contract } from '../peer/contract.ts';
import type { HandledName, HandlerIn } from '../peer/contract-types.ts';
import type { ServerPeer } from './server-surface.ts';

/** What middleware has added so far: nothing. */
export type NothingAdded = Record<never, never>;

/** How a handler ended well; only `next` makes one. */
export interface Passed<Added> {
  /** What the handler returned, for looking at: the answer, or of a stream what will be iterated. */
  readonly output: unknown;
  /** Types only; never set. */
  readonly '~added'?: Added;
}

/** Goes on to the next middleware, in the end to the handler; rejects with what they throw. */
export interface Next {
  (): Promise<Passed<NothingAdded>>;
  /** @param added - put into the context of all that follow; not over `signal`, `fail`, `peer`, `chunks`, `traceparent` */
  <Added extends object>(added: Added & ContextAddition): Promise<Passed<Added>>;
}

/** What may be put into a handler's context: anything that is not there already. */
export interface ContextAddition {
  readonly signal?: never;
  readonly fail?: never;
  readonly peer?: never;
  readonly chunks?: never;
  readonly traceparent?: never;
}

/** What a client asks for, as middleware sees it; switch on `name` for the type of `input`. */
export type MiddlewareCall<C extends Contract, Auth, Added = NothingAdded> = {
  [N in HandledName<C['clientToServer']>]: {
    readonly kind: C['clientToServer'][N]['kind'];
    readonly name: N;
    /** Checked against the contract. */
    readonly input: HandlerIn<C['clientToServer'][N]>;
    /** Who asks. */
    readonly peer: ServerPeer<C, Auth>;
    /** What `authenticate` returned for them. */
    readonly auth: Auth;
    /** The one the handler gets. */
    readonly signal: AbortSignal;
    /** W3C traceparent the caller gave. */
    readonly traceparent: string | undefined;
    /** What middleware before this one added. */
    readonly context: Readonly<Added>;
    readonly next: Next;
  };
}[HandledName<C['clientToServer']>];

/**
 * Runs around every handler of a server: returns what `next` gave, or throws, for example a {@link refusal}.
 *
 * Around a stream it ends when the stream has begun.
 */
export type Middleware<C extends Contract, Auth, Before = NothingAdded, Added = NothingAdded> = (
  call: MiddlewareCall<C, Auth, Before>,
) => Promise<Passed<Added>>;
