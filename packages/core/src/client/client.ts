import { systemError } from '../shared/errors.ts';
import { Listeners } from '../shared/listeners.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { watchEnvironment } from '../driver/environment.ts';
import type { Link } from '../driver/link.ts';
import { Pump } from '../driver/pump.ts';
import { randomId } from '../driver/random-id.ts';
import { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointEffect } from '../endpoint/endpoint-io.ts';
import type { Outcome } from '../peer/call.ts';
import { definitionMap, type Contract } from '../peer/contract.ts';
import type { CallHandler } from '../peer/handlers.ts';
import type { MessageListener } from '../peer/message-listeners.ts';
import { ContractPeer, type PeerPort } from '../peer/peer.ts';
import type { CallOptions, ListenOptions, OnceOptions, Problem, SendOptions } from '../peer/peer-surface.ts';
import type { Encoded } from '../wire/codec.ts';
import { WireError } from '../wire/wire-error.ts';
import { ClientSession } from './client-session.ts';
import type { CloseReport, SessionLost } from './client-surface.ts';
import { Connector } from './connector.ts';
import { readAnswer } from './greeting.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import { Waiting } from './waiting.ts';

/** How long `disconnect` waits for acks of what was just sent, milliseconds. */
const disconnectDrain = 1_000;

/** Joins connection, session and peer; {@link Client} is its typed face. */
export class HawserClient implements AsyncDisposable {
  readonly #options: ResolvedOptions;
  readonly #connector: Connector;
  readonly #pump: Pump;
  readonly #session: ClientSession;
  readonly #peer: ContractPeer;
  readonly #waiting: Waiting;
  readonly #stateListeners = new Listeners<[now: ConnectionState, before: ConnectionState]>((e) => this.#threw(e));
  readonly #lossListeners = new Listeners<[lost: SessionLost]>((e) => this.#threw(e));
  readonly #problemListeners = new Listeners<[problem: Problem]>((e) => complain('a listener of onProblem threw', e));
  readonly #stopWatching: () => void;
  #leases = 0;
  #idleAt = Number.POSITIVE_INFINITY;
  #closing: Promise<CloseReport> | undefined;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    const { clock, contract } = options;
    this.#connector = new Connector(options, {
      hello: (auth) => this.#session.hello(auth),
      received: (data, link) => this.#received(data, link),
      detached: (code) => this.#session.detached(code),
      changed: (now, before) => this.#changed(now, before),
    });
    this.#pump = this.#makePump();
    this.#session = new ClientSession(options, this.#pump, {
      deliver: (deliveries) => this.#peer.deliver(deliveries),
      lost: (loss) => {
        this.#peer.markGap();
        this.#lossListeners.tell(loss);
      },
    });
    this.#peer = new ContractPeer({
      port: this.#port(),
      outgoing: definitionMap(contract.clientToServer),
      incoming: definitionMap(contract.serverToClient),
      validation: options.validation,
      callTimeout: options.callTimeout,
      onProblem: (problem) => this.#report(problem),
    });
    this.#waiting = new Waiting(() => this.#pump.endpoint.unacknowledged + this.#pump.endpoint.unsent);
    this.#stopWatching = watchEnvironment({ awake: () => this.#look('online'), offline: () => this.#look('offline') });
    if (!options.lazy) clock.defer(() => this.#closing ?? this.#use());
  }

  get contract(): Contract {
    return this.#options.contract;
  }

  get state(): ConnectionState {
    return this.#connector.state;
  }

  get sessionId(): string | undefined {
    return this.#session.id;
  }

  send(name: string, data?: unknown, options?: SendOptions): void {
    this.#peer.send(name, data, options);
  }

  on(name: string, listener: MessageListener, options?: ListenOptions): () => void {
    return this.#peer.on(name, listener, options);
  }

  once(name: string, options?: OnceOptions): Promise<unknown> {
    return this.#peer.once(name, options);
  }

  call(name: string, input?: unknown, options?: CallOptions): Promise<unknown> {
    return this.#peer.call(name, input, options);
  }

  safeCall(name: string, input?: unknown, options?: CallOptions): Promise<Outcome> {
    return this.#peer.safeCall(name, input, options);
  }

  handle(name: string, handler: CallHandler, options?: ListenOptions): () => void {
    return this.#peer.handle(name, handler, options);
  }

  onState(listener: (now: ConnectionState, before: ConnectionState) => void): () => void {
    return this.#stateListeners.add(listener);
  }

  onProblem(listener: (problem: Problem) => void): () => void {
    return this.#problemListeners.add(listener);
  }

  onSessionLost(listener: (lost: SessionLost) => void): () => void {
    return this.#lossListeners.add(listener);
  }

  connect(): Promise<void> {
    const connected = this.#waiting.connected();
    const { status } = this.state;
    if (status === 'connected' || status === 'closed') this.#waiting.settle(this.state);
    else {
      this.#connector.input({ type: 'connect' });
      this.#pump.wake();
    }
    return connected;
  }

  async disconnect(): Promise<void> {
    if (this.state.status === 'closed') return;
    if (this.state.status === 'connected') await this.#drain(disconnectDrain);
    if (this.#closing !== undefined) return;
    await this.#leave('disconnect');
  }

  close(options: { readonly drain?: number } = {}): Promise<CloseReport> {
    this.#closing ??= this.#close(options.drain ?? 0);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  lease(): () => void {
    this.#use();
    this.#leases += 1;
    this.#idleAt = Number.POSITIVE_INFINITY;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#leases -= 1;
      this.#noteIdle();
    };
  }

  async #close(drain: number): Promise<CloseReport> {
    if (drain > 0) await this.#drain(drain);
    const { endpoint } = this.#pump;
    const report = { unacknowledged: endpoint.unacknowledged, unsent: endpoint.unsent };
    if (this.state.status !== 'closed') await this.#leave('close');
    return report;
  }

  /** What is queued is written before the close, and the close is awaited. */
  #leave(how: 'disconnect' | 'close'): Promise<void> {
    this.#pump.flush();
    const gone = this.#connector.gone();
    this.#connector.input(how === 'close' ? { type: 'close', reason: 'client' } : { type: 'disconnect' });
    if (how === 'disconnect') this.#session.leave();
    this.#pump.wake();
    return gone;
  }

  /** Waits until everything queued is acknowledged, for at most `limit` milliseconds. */
  #drain(limit: number): Promise<void> {
    const now = this.#options.clock.now();
    this.#pump.endpoint.requestAck(now);
    this.#pump.wake();
    return this.#waiting.drained(now + limit);
  }

  #port(): PeerPort {
    const pump = this.#pump;
    const { clock } = this.#options;
    return {
      get endpoint() {
        return pump.endpoint;
      },
      wake: () => pump.wake(),
      now: () => clock.now(),
      congested: () => pump.congested,
      use: () => this.#use(),
      lease: () => this.lease(),
      after: (delay, fn) => {
        const timer = clock.setTimer(fn, delay);
        return () => clock.clearTimer(timer);
      },
      randomId,
    };
  }

  #makePump(): Pump {
    const deadline = (): number => Math.min(this.#connector.deadline, this.#idleAt, this.#waiting.deadline);
    return new Pump(this.#options.clock, new Endpoint({ ...this.#options.endpoint, firstId: 1 }), {
      deliver: (deliveries) => {
        this.#peer.deliver(deliveries);
        this.#noteIdle();
      },
      effect: (effect) => this.#effect(effect),
      get deadline() {
        return deadline();
      },
      timeout: (now) => {
        if (now >= this.#connector.deadline) this.#connector.input({ type: 'timeout' });
        if (now >= this.#idleAt) this.#idleOver();
        this.#waiting.check(now);
      },
    });
  }

  /** Somebody needs the link: dials if nothing is under way. */
  #use(): void {
    if (this.state.status === 'closed' || this.#closing !== undefined) {
      throw systemError('UNAVAILABLE', 'The client is closed; make a new one with createClient().', { retryable: false });
    }
    if (this.state.status !== 'idle') return;
    this.#connector.input({ type: 'connect' });
    this.#pump.wake();
  }

  #changed(now: ConnectionState, before: ConnectionState): void {
    if (now.status === 'closed') {
      this.#stopWatching();
      this.#session.finish(now.reason === 'client');
      this.#pump.stop();
      this.#peer.clear();
    }
    this.#waiting.settle(now);
    this.#pump.wake();
    this.#stateListeners.tell(now, before);
    if (now.status === 'closed') this.#stateListeners.clear();
  }

  #received(data: Encoded, link: Link): void {
    if (this.#pump.endpoint.attached) {
      this.#pump.receive(data);
      this.#waiting.check(this.#options.clock.now());
      return;
    }
    try {
      const answer = readAnswer(this.#options.endpoint.codec, data);
      if ('reject' in answer) {
        const [, code, message, hint] = answer.reject;
        this.#connector.refuse(code, message, hint?.retryAfter);
        return;
      }
      this.#session.welcomed(answer.welcome, link);
      this.#connector.spread = answer.welcome.spread;
      this.#connector.input({ type: 'welcomed', resumed: answer.welcome.resumed });
      this.#pump.drain();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#connector.refuse(error.closeCode, error.message);
    }
  }

  #effect(effect: EndpointEffect): void {
    switch (effect.type) {
      case 'close':
        this.#connector.refuse(effect.code, effect.reason);
        break;
      case 'silent':
        this.#connector.input({ type: 'silent' });
        break;
      case 'measured':
        this.#connector.input({ type: 'measured', latency: effect.latency, degraded: effect.degraded });
        break;
      case 'lost':
        this.#session.lose(effect.why);
        this.#connector.refuse(4541, 'the send buffer overflowed');
        break;
      case 'dropped':
        this.#report({ kind: 'dropped', name: effect.name, error: effect.error });
        break;
      default:
        effect satisfies never;
    }
  }

  /** The page or the machine said something about the network: believe it only after a look. */
  #look(type: 'online' | 'offline'): void {
    this.#connector.input({ type });
    this.#pump.endpoint.probe(this.#options.clock.now());
    this.#pump.wake();
  }

  #isIdle(): boolean {
    const { endpoint } = this.#pump;
    return this.#leases === 0 && endpoint.pendingCalls === 0 && endpoint.unsent === 0 && endpoint.unacknowledged === 0;
  }

  #noteIdle(): void {
    const { idleTimeout, clock } = this.#options;
    if (idleTimeout === Number.POSITIVE_INFINITY || this.#idleAt !== Number.POSITIVE_INFINITY || !this.#isIdle()) return;
    this.#idleAt = clock.now() + idleTimeout;
    this.#pump.wake();
  }

  #idleOver(): void {
    this.#idleAt = Number.POSITIVE_INFINITY;
    if (!this.#isIdle()) this.#noteIdle();
    else if (this.state.status !== 'idle' && this.state.status !== 'closed') void this.disconnect();
  }

  #report(problem: Problem): void {
    if (this.#problemListeners.size > 0) this.#problemListeners.tell(problem);
    else complain(`${problem.kind} "${problem.name}": ${problem.error.message}`, problem.error.cause);
  }

  #threw(cause: unknown): void {
    const error = systemError('INTERNAL', 'A listener of onState or onSessionLost threw.', { cause });
    this.#report({ kind: 'handler-error', name: '', error });
  }
}

/** Nobody listens for problems: a swallowed error would be worse than a line on the console. */
function complain(text: string, cause: unknown): void {
  // oxlint-disable-next-line no-console
  console.error(`[hawser] ${text}`, ...(cause === undefined ? [] : [cause]));
}
