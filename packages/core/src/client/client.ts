import { explain } from '../shared/explain.ts';
import { systemError } from '../shared/errors.ts';
import { Listeners } from '../shared/listeners.ts';
import { browserOnly } from '../shared/platform.ts';
import type { ConnectionInput } from '../connection/connection-io.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { watchEnvironment } from '../driver/environment.ts';
import { Pump, type PumpHost } from '../driver/pump.ts';
import type { EndpointOutput } from '../endpoint/endpoint-io.ts';
import type { Contract } from '../peer/contract.ts';
import { clientSide } from '../peer/contract-side.ts';
import { ContractPeer } from '../peer/peer.ts';
import type { CallMiddleware, Problem } from '../peer/peer-surface.ts';
import { problem } from '../peer/problem.ts';
import { ClientSession } from './client-session.ts';
import type { CloseReport, SessionLost } from './client-surface.ts';
import { Connector, type ConnectorHost } from './connector.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** How long `disconnect` waits for acks of what was just sent, milliseconds. */
const disconnectDrain = 1_000;

/** Somebody waits for something. */
interface Waiter {
  readonly isOver: () => boolean;
  /** When waiting ends in any case, epoch milliseconds. */
  readonly deadline: number;
  readonly done: () => void;
}

type Events = {
  state: [now: ConnectionState, before: ConnectionState];
  problem: [problem: Problem];
  lost: [lost: SessionLost];
};

/** Joins connection, session and peer; {@link Client} is its typed face. */
export class HawserClient extends ContractPeer implements PumpHost, ConnectorHost, AsyncDisposable {
  readonly contract: Contract;
  readonly #options: ResolvedOptions;
  readonly #pump: Pump;
  readonly #session: ClientSession;
  readonly #connector: Connector;
  readonly #listeners: Listeners<Events>;
  readonly #watch: (wanted: boolean) => void;
  #waiters: Waiter[] = [];
  #leases = 0;
  #idleAt = Infinity;
  #leaving: Promise<void> | undefined;
  #closing: Promise<CloseReport> | undefined;

  constructor(options: ResolvedOptions) {
    const { clock, contract, validate: validation, callTimeout, topicGrace, middleware } = options;
    const side = clientSide(contract);
    const endpoint = new side.Endpoint(options);
    super(endpoint, {
      ...side,
      validation,
      callTimeout,
      topicGrace,
      middleware: middleware as CallMiddleware[],
    });
    this.contract = contract;
    this.#options = options;
    this.#pump = new Pump(clock, endpoint, this);
    this.#session = new ClientSession(options, this.#pump, (lost) => {
      this.markGap();
      this.#listeners.tell('lost', lost);
    });
    this.#connector = new Connector(options, this.#pump, this.#session, this);
    this.#listeners = new Listeners<Events>((name, cause) => {
      if (name === 'problem') complain(explain ? 'a listener of onProblem threw' : name, cause);
      else this.report(problem('handler-error', '', 'INTERNAL', explain && 'A listener threw.', { cause }));
    });
    this.#watch = watchEnvironment((type) => {
      this.#connector.input({ type });
      // The page or the machine said something about the network: believe it only after a look at the link.
      if (type !== 'frozen') endpoint.probe(clock.now());
      this.wake();
    });
    if (!options.lazy) clock.defer(() => this.#isOpen() && this.use());
  }
  get state(): ConnectionState {
    return this.#connector.state;
  }

  get sessionId(): string | undefined {
    return this.#session.id;
  }

  onState(listener: (...args: Events['state']) => void): () => void {
    return this.#listeners.add('state', listener);
  }

  onProblem(listener: (...args: Events['problem']) => void): () => void {
    return this.#listeners.add('problem', listener);
  }

  onSessionLost(listener: (...args: Events['lost']) => void): () => void {
    return this.#listeners.add('lost', listener);
  }

  call(name: string, input?: unknown, options?: object): unknown {
    return this.begin('call', name, input, options);
  }

  safeCall(name: string, input?: unknown, options?: object): unknown {
    return this.begin('call', name, input, options, true);
  }

  stream(name: string, ...args: unknown[]): unknown {
    return this.begin('stream', name, ...args);
  }

  upload(name: string, ...args: unknown[]): unknown {
    return this.begin('upload', name, ...args);
  }

  topic(name: string, params?: unknown): unknown {
    return this.begin('topic', name, params);
  }

  async connect(): Promise<void> {
    let { state } = this;
    if (state.status !== 'connected') this.#connector.input({ type: 'connect' });
    await this.#until(() => {
      ({ state } = this);
      return !('phase' in state);
    });
    if (state.status === 'connected') return;
    const text = explain && `The client did not connect: it is ${state.status}.`;
    throw (
      ('error' in state && state.error) || systemError('UNAVAILABLE', text, { retryable: state.status !== 'closed' })
    );
  }

  /** Whoever asks again meanwhile waits for the same end. */
  disconnect(): Promise<void> {
    this.#leaving ??= this.#part().finally(() => (this.#leaving = undefined));
    return this.#leaving;
  }

  close(how?: { readonly drain?: number }): Promise<CloseReport> {
    this.#closing ??= this.#shut(how?.drain ?? 0);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // What the pump asks of its host.

  take(output: EndpointOutput): void {
    // As `isDelivery` asks, in fewer bytes.
    if (!('type' in output)) this.deliver(output);
    else if (output.type === 'lost') this.#session.lose(output.why);
    else if (output.type === 'dropped') this.report({ kind: output.type, name: output.name, error: output.error });
    else this.#connector.input(output);
  }

  get deadline(): number {
    // Mostly nobody waits, and to spread nothing takes longer than the rest.
    if (!browserOnly && this.#waiters.length === 0) return Math.min(this.#connector.deadline, this.#idleAt);
    return Math.min(this.#connector.deadline, this.#idleAt, ...this.#waiters.map(({ deadline }) => deadline));
  }

  tick(now: number): void {
    if (now >= this.#connector.deadline) this.#connector.input({ type: 'timeout' });
    this.#look(now);
    const busy = this.#leaving ?? (this.#leases > 0 || this.endpoint.busy || this.#isAway());
    this.#idleAt = busy ? Infinity : Math.min(this.#idleAt, now + this.#options.idleTimeout);
    if (now < this.#idleAt) return;
    this.#idleAt = Infinity;
    void this.disconnect();
  }

  changed(now: ConnectionState, before: ConnectionState): void {
    this.#watch(!this.#isAway());
    if (now.status === 'closed') {
      this.#session.finish(now.reason === 'client');
      this.#pump.stop();
      this.clear();
    }
    this.#look(this.now());
    this.wake();
    this.#listeners.tell('state', now, before);
    if (now.status === 'closed') this.#listeners.clear();
  }

  // What the peer asks of its host.

  report(found: Problem): void {
    if (this.#listeners.has('problem')) this.#listeners.tell('problem', found);
    else complain(`${found.kind} "${found.name}": ${found.error.message}`, found.error.cause ?? '');
  }

  wake(): void {
    this.#pump.wake();
  }

  now(): number {
    return this.#options.clock.now();
  }

  congested(): boolean {
    return this.#pump.congested;
  }

  /** Somebody needs the link: dials if nothing is under way. */
  use(): void {
    if (!this.#isOpen()) {
      const text = explain && 'The client is closed; make a new one with createClient().';
      throw systemError('UNAVAILABLE', text, { retryable: false });
    }
    if (this.state.status === 'idle') this.#connector.input({ type: 'connect' });
  }

  lease(): () => void {
    let held = 1;
    this.use();
    this.#leases += 1;
    return () => {
      this.#leases -= held;
      held = 0;
      this.wake();
    };
  }

  after(delay: number, fn: () => void): () => void {
    const { clock } = this.#options;
    const timer = clock.setTimer(fn, delay);
    return () => clock.clearTimer(timer);
  }

  /** Whether nothing is dialled and nothing wanted. */
  #isAway(): boolean {
    return /idle|closed/.test(this.state.status);
  }

  #isOpen(): boolean {
    return this.state.status !== 'closed' && this.#closing === undefined;
  }

  /** Resolves when it is over, or at the deadline. */
  #until(isOver: () => boolean, deadline = Infinity): Promise<void> {
    this.wake();
    return new Promise((done) => {
      this.#waiters.push({ isOver, deadline, done });
    });
  }

  #look(now: number): void {
    if (!browserOnly && this.#waiters.length === 0) return;
    this.#waiters = this.#waiters.filter(({ isOver, deadline, done }) => {
      const waits = now < deadline && !isOver();
      if (!waits) done();
      return waits;
    });
  }

  /** Resolves when everything queued is acknowledged, after `limit` milliseconds, or when there is no link to wait for. */
  #drain(limit: number): Promise<void> {
    const now = this.now();
    this.endpoint.requestAck(now);
    return this.#until(() => this.endpoint.outstanding === 0 || this.#isAway(), now + limit);
  }

  /** What is queued is written before the close, and the close is awaited. */
  #leave(input: ConnectionInput & { type: 'disconnect' | 'close' }): Promise<void> | undefined {
    this.#pump.flush();
    const connector = this.#connector;
    connector.gone = undefined;
    connector.input(input);
    if (input.type === 'disconnect') this.#session.leave();
    return connector.gone;
  }

  async #part(): Promise<void> {
    if (this.state.status === 'connected') await this.#drain(disconnectDrain);
    if (this.#isOpen()) await this.#leave({ type: 'disconnect' });
  }

  async #shut(limit: number): Promise<CloseReport> {
    if (limit > 0) await this.#drain(limit);
    this.#pump.flush();
    const unacknowledged = this.endpoint.session.unacknowledged().length;
    const unsent = this.endpoint.unsent.length;
    if (this.state.status !== 'closed') await this.#leave({ type: 'close', reason: 'client' });
    return { unacknowledged, unsent };
  }
}

/** Nobody listens for problems: a swallowed error would be worse than a line on the console. */
function complain(text: string, cause: unknown): void {
  // oxlint-disable-next-line no-console
  console.error(`[hawser] ${text}`, cause);
}
