import type {
  CallName,
  Client,
  ClientActions,
  ConnectionState,
  Contract,
  Handler,
  MessageMeta,
  MessageName,
  MessageOut,
} from '@hawser/core';
import type { ReactElement, ReactNode } from 'react';
import type { CallState } from './call-state.ts';
import type { UseCallOptions } from './call-store.ts';
import type { Batch } from './message-list.ts';

/** Properties of `SocketProvider`. */
export interface SocketProviderProps<C extends Contract> {
  /** Made by `createClient` outside any component; the provider leases it and never closes it. */
  readonly client: Client<C>;
  readonly children?: ReactNode;
}

/** How `useLastMessage` shows what arrives. */
export interface LastMessageOptions {
  /** `frame`: once per animation frame at most. `none`: at once. @defaultValue `'frame'` */
  readonly batch?: Batch;
}

/** What `useMessages` keeps, and when it shows it. */
export interface MessagesOptions<T> extends LastMessageOptions {
  /** How many messages are kept, at least 1; the oldest leave first. */
  readonly limit: number;
  /** Keeps only what it says yes to, asked as each message arrives. @defaultValue everything */
  readonly filter?: (data: T) => boolean;
}

/** The hooks of this package with the types of one contract; what `bindHooks` returns. */
export interface Hooks<C extends Contract> {
  /**
   * Gives a client to the components below and keeps its connection wanted while mounted.
   *
   * The lease is given back one second after unmounting, so that StrictMode and Fast Refresh keep one socket.
   */
  readonly SocketProvider: (props: SocketProviderProps<C>) => ReactElement;
  /** What a component can do with the connection: always the same object per client, so it never causes a render. */
  readonly useSocket: () => ClientActions<C>;
  /**
   * The connection state, or what `select` makes of it; renders again only when that changes by `Object.is`.
   *
   * On the server and while hydrating the state is `idle`.
   */
  readonly useConnectionState: <T = ConnectionState>(select?: (state: ConnectionState) => T) => T;
  /**
   * Calls `handler` for every message of this name from the commit on, in order, without ever rendering.
   *
   * The handler of the latest commit is called; it need not be memoised.
   */
  readonly useMessage: <N extends MessageName<C['serverToClient']>>(
    name: N,
    handler: (data: MessageOut<C['serverToClient'][N]>, meta: MessageMeta) => void,
  ) => void;
  /**
   * The newest message of this name since the component mounted, `undefined` before the first.
   *
   * Renders once per animation frame at most and skips what lies between; use `useMessage` to miss none.
   */
  readonly useLastMessage: <N extends MessageName<C['serverToClient']>>(
    name: N,
    options?: LastMessageOptions,
  ) => MessageOut<C['serverToClient'][N]> | undefined;
  /**
   * The last `limit` messages of this name since the component mounted, oldest first.
   *
   * A new array per flush, which is once per animation frame at most, and about once a second in a hidden tab.
   */
  readonly useMessages: <N extends MessageName<C['serverToClient']>>(
    name: N,
    options: MessagesOptions<MessageOut<C['serverToClient'][N]>>,
  ) => readonly MessageOut<C['serverToClient'][N]>[];
  /**
   * Makes calls and shows the latest one, in the shape of a TanStack mutation.
   *
   * A newer call takes over what is shown; the older one goes on and only its `callAsync` promise tells how it ended. So
   * does a call whose component unmounts: a write that was asked for is not taken back by leaving the page, `abort` does
   * that. When `options.signal` of a call aborts, the error shown is `CANCELLED` with the signal's reason as `cause`.
   */
  readonly useCall: <N extends CallName<C['clientToServer']>>(
    name: N,
    options?: UseCallOptions,
  ) => CallState<C['clientToServer'][N]>;
  /**
   * Answers a call of the server while mounted, with the handler of the latest commit.
   *
   * Only one component may answer a name at a time; a second one throws the `TypeError` of `client.handle` on mount.
   */
  readonly useHandler: <N extends CallName<C['serverToClient']>>(
    name: N,
    handler: Handler<C['serverToClient'][N]>,
  ) => void;
}
