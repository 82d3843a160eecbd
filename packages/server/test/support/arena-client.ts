import {
  type Client,
  type ClientOptions,
  type ConnectionState,
  createClient,
  type Problem,
  type SessionLost,
} from '@hawser/core';
import { type ArenaContract, arenaContract } from './arena-contract.ts';
import { illegalPath } from './state-path.ts';
import { until } from './until.ts';

/** What a test may say about a client; the rest is quick enough for tests. */
export type ArenaClientOptions = Partial<Omit<ClientOptions<ArenaContract>, 'contract'>>;

/** What a test compares of a state. The state itself would not do: the cause of its error holds half of Node. */
export function brief(state: ConnectionState): Readonly<Record<string, unknown>> {
  const { status } = state;
  const error = 'error' in state ? state.error : undefined;
  return {
    status,
    ...('reason' in state ? { reason: state.reason } : undefined),
    ...('resumed' in state ? { resumed: state.resumed } : undefined),
    ...('attempt' in state ? { attempt: state.attempt } : undefined),
    ...(error === undefined ? undefined : { code: error.code, retryable: error.retryable }),
  };
}

/** A real client that writes down everything it is told. */
export class ArenaClient {
  readonly client: Client<ArenaContract>;
  readonly changes: (readonly [now: ConnectionState, before: ConnectionState])[] = [];
  readonly losses: SessionLost[] = [];
  readonly problems: Problem[] = [];
  /** Numbers of `news` and `check`, in order; a `check` with a negative one is never answered. */
  readonly inbox: number[] = [];
  #sent = 0;

  constructor(url: ClientOptions<ArenaContract>['url'], options: ArenaClientOptions = {}) {
    this.client = createClient({
      contract: arenaContract,
      url,
      ...options,
      reconnect: { minDelay: 1, maxDelay: 20, connectTimeout: 2_000, welcomeTimeout: 2_000, ...options.reconnect },
    });
    this.client.onState((now, before) => this.changes.push([now, before]));
    this.client.onSessionLost((lost) => this.losses.push(lost));
    this.client.onProblem((problem) => this.problems.push(problem));
    this.client.on('news', ({ n }) => this.inbox.push(n));
    this.client.handle('check', ({ n }) => {
      this.inbox.push(n);
      return n < 0 ? new Promise<never>(() => undefined) : { n };
    });
    this.client.handle('safe', (_, { signal }) => {
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    });
  }

  get status(): ConnectionState['status'] {
    return this.client.state.status;
  }

  /** Statuses in order, each once per change. */
  get statuses(): string[] {
    return this.changes.filter(([now, before]) => now.status !== before.status).map(([now]) => now.status);
  }

  /** Times it was welcomed. */
  get connections(): number {
    return this.statuses.filter((status) => status === 'connected').length;
  }

  /** Errors told in `reconnecting`, `suspended` and `closed`, oldest first, each once. */
  get errors(): { code: string; message: string }[] {
    const errors = this.changes.map(([now]) => ('error' in now ? now.error : undefined));
    return [...new Set(errors)].flatMap((error) =>
      error === undefined ? [] : [{ code: error.code, message: error.message }],
    );
  }

  /** Sends the next running numbers, 1 first. */
  notes(count: number): void {
    for (let i = 0; i < count; i += 1) {
      this.#sent += 1;
      this.client.send('note', { n: this.#sent });
    }
  }

  /** Waits until a state has been told that `holds`. */
  async reaches(what: string, holds: (state: ConnectionState) => boolean, within?: number): Promise<ConnectionState> {
    const find = (): ConnectionState | undefined => this.changes.map(([now]) => now).find(holds);
    await until(
      what,
      () => find() !== undefined,
      within,
      () => this.describe(),
    );
    return find() as ConnectionState;
  }

  async connected(times = 1): Promise<void> {
    await until(
      `the client is connected, time ${times}`,
      () => this.connections >= times && this.status === 'connected',
      undefined,
      () => this.describe(),
    );
  }

  /** For failing tests. */
  describe(): unknown {
    return { statuses: this.statuses, errors: this.errors, losses: this.losses };
  }

  /** Closes, and returns what was illegal about the states it went through. */
  async close(): Promise<string[]> {
    await this.client.close();
    const closed = this.statuses.filter((status) => status === 'closed').length;
    return [...illegalPath(this.changes), ...(closed === 1 ? [] : [`${closed} closed events`])];
  }
}
