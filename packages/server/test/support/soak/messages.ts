import type { CloseReport } from '@hawser/core';
import type { Tally } from './contract.ts';
import type { Loss, SessionRecord } from './judge.ts';

/** What every child of the soak test is told first. */
export interface Settings {
  /** Client: where to dial. */
  readonly url: string;
  /** Server: where to listen, 0 for any. */
  readonly port: number;
  /** Server: the file that records what arrived; it outlives the process. */
  readonly record: string;
  /** Messages a second, each way. */
  readonly rate: number;
}

/** From the test to a child, besides the settings. `stop`: no more messages. `finish`: account, close, exit. */
export type Order = 'stop' | 'finish';

/** From a child to the test. */
export type Report =
  /** The server listens. */
  | { readonly type: 'listening'; readonly port: number }
  /** How far the client is, told many times a second. */
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'lost'; readonly loss: Loss }
  /** The client has closed. */
  | { readonly type: 'finished'; readonly account: ClientAccount; readonly tally: Tally }
  /** Anything that must not happen, in words. */
  | { readonly type: 'fault'; readonly what: string };

/** How far the client is. */
export interface Progress {
  /** Connections welcomed so far. */
  readonly connections: number;
  readonly connected: boolean;
  /** Sessions lost so far. */
  readonly losses: number;
  readonly sent: number;
  /** Calls answered, so what was sent has certainly arrived now and then. */
  readonly answered: number;
  readonly received: number;
}

/** Everything the client knows at the end. */
export interface ClientAccount {
  readonly sessions: readonly SessionRecord[];
  /** Statuses in order, each change once. */
  readonly states: readonly string[];
  /** Calls by outcome: `ok` or an error code. */
  readonly calls: Readonly<Record<string, number>>;
  readonly started: number;
  readonly close: CloseReport;
}
