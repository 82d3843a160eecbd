import { systemError, type SystemError } from '../shared/errors.ts';
import { Listeners } from '../shared/listeners.ts';
import type { ConnectionEffect, ConnectionInput } from '../connection/connection-io.ts';
import { connectionDeadline, initialState, transition } from '../connection/connection-machine.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { prepareDial, type DialTarget } from '../driver/dialer.ts';
import { watchEnvironment } from '../driver/environment.ts';
import { Link, type LinkEnd } from '../driver/link.ts';
import { Pump } from '../driver/pump.ts';
import { randomId } from '../driver/random-id.ts';
import { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointEffect } from '../endpoint/endpoint-io.ts';
import { definitionMap, type Contract } from '../peer/contract.ts';
import { ContractPeer } from '../peer/peer.ts';
import type { CallOptions, ListenOptions, OnceOptions, Problem, SendOptions } from '../peer/peer-surface.ts';
import type { CallHandler } from '../peer/handlers.ts';
import type { MessageListener } from '../peer/message-listeners.ts';
import type { Outcome } from '../peer/call.ts';
import type { Encoded } from '../wire/codec.ts';
import type { Welcome } from '../wire/frame.ts';
import { WireError } from '../wire/wire-error.ts';
import type { CloseReport, SessionLost } from './client-surface.ts';
import { readAnswer, writeHello } from './greeting.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import { describeLoss, lostCall } from './session-loss.ts';

/** The session as the handshake needs it. */
interface SessionTicket {
  readonly sid: string;
  readonly tok: string;
  /** Attempt number of the last hello that named it. */
  readonly n: number;
}

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** How long `disconnect` waits for acks of what was just sent, milliseconds. */
const disconnectDrain = 1_000;

/** Joins connection machine, session, peer and socket; {@link Client} is its typed face. */
export class HawserClient implements AsyncDisposable {
  readonly #options: ResolvedOptions;
  readonly #peer: ContractPeer;
  readonly #pump: Pump;
  readonly #stateListeners = new Listeners<[now: ConnectionState, before: ConnectionState]>((e) => this.#listenerThrew(e));
  readonly #problemListeners = new Listeners<[problem: Problem]>((e) => this.#complain('a listener of onProblem threw', e));
  readonly #lossListeners = new Listeners<[lost: SessionLost]>((e) => this.#listenerThrew(e));
  readonly #stopWatching: () => void;
  #state: ConnectionState = initialState;
  #inputs: ConnectionInput[] = [];
  #stepping = false;
  #target: DialTarget | undefined;
  #generation = 0;
  #link: Link | undefined;
  #ticket: SessionTicket | undefined;
  #spread = 0;
  #leases = 0;
  #idleAt = Number.POSITIVE_INFINITY;
  #connecting: Waiter[] = [];
  #settling: { readonly check: () => boolean; readonly done: () => void; readonly deadline: number } | undefined;
  #closing: Promise<CloseReport> | undefined;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    const { clock, contract } = options;
    this.#pump = new Pump(clock, new Endpoint({ ...options.endpoint, firstId: 1 }), this.#pumpHost());
    this.#peer = new ContractPeer({
      port: this.#port(),
      outgoing: definitionMap(contract.clientToServer),
      incoming: definitionMap(contract.serverToClient),
      validation: options.validation,
      callTimeout: options.callTimeout,
      onProblem: (problem) => this.#report(problem),
    });
    this.#stopWatching = watchEnvironment({
      awake: () => {
        this.#input({ type: 'online' });
        this.#probe();
      },
      offline: () => {
        this.#input({ type: 'offline' });
        this.#probe();
      },
    });
    if (!options.lazy) clock.defer(() => this.#wanted());
  }

  get contract(): Contract {
    return this.#options.contract;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get sessionId(): string | undefined {
    return this.#ticket?.sid;
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
    return new Promise((resolve, reject) => {
      this.#connecting.push({ resolve, reject });
      if (this.#state.status !== 'connected' && this.#state.status !== 'closed') this.#input({ type: 'connect' });
      this.#settleConnecting();
    });
  }

  async disconnect(): Promise<void> {
    if (this.#state.status === 'closed') return;
    await this.#drain(disconnectDrain);
    if (this.#closing !== undefined) return;
    const gone = this.#linkGone();
    this.#input({ type: 'disconnect' });
    this.#endSession('disconnected');
    await gone;
  }

  close(options: { readonly drain?: number } = {}): Promise<CloseReport> {
    this.#closing ??= this.#close(options.drain ?? 0);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  lease(): () => void {
    this.#wanted();
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
    const gone = this.#linkGone();
    if (this.#state.status !== 'closed') this.#input({ type: 'close', reason: 'client' });
    await gone;
    return report;
  }

  /** Waits until everything queued is acknowledged, the connection is lost for good, or the time is over. */
  #drain(limit: number): Promise<void> {
    const outstanding = (): number => this.#pump.endpoint.unacknowledged + this.#pump.endpoint.unsent;
    if (outstanding() === 0) return Promise.resolve();
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const check = (): boolean => outstanding() === 0 || this.#state.status === 'closed' || this.#state.status === 'idle';
      this.#settling = { check, done: resolve, deadline: clock.now() + limit };
      this.#pump.endpoint.requestAck(clock.now());
      this.#pump.wake();
    });
  }

  /** Resolves when the present socket is gone after the next drop. */
  #linkGone(): Promise<void> {
    if (this.#link === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onLinkGone = resolve;
    });
  }

  #onLinkGone: (() => void) | undefined;

  #port(): ConstructorParameters<typeof ContractPeer>[0]['port'] {
    const pump = this.#pump;
    const { clock } = this.#options;
    return {
      get endpoint() {
        return pump.endpoint;
      },
      wake: () => pump.wake(),
      now: () => clock.now(),
      congested: () => pump.congested,
      use: () => this.#wanted(),
      lease: () => this.lease(),
      after: (delay, fn) => {
        const timer = clock.setTimer(fn, delay);
        return () => clock.clearTimer(timer);
      },
      randomId,
    };
  }

  #pumpHost(): ConstructorParameters<typeof Pump>[2] {
    const deadline = (): number =>
      Math.min(connectionDeadline(this.#state), this.#idleAt, this.#settling?.deadline ?? Number.POSITIVE_INFINITY);
    return {
      deliver: (deliveries) => {
        this.#peer.deliver(deliveries);
        this.#noteIdle();
      },
      effect: (effect) => this.#effect(effect),
      get deadline() {
        return deadline();
      },
      timeout: (now) => {
        if (now >= connectionDeadline(this.#state)) this.#input({ type: 'timeout' });
        if (now >= this.#idleAt && this.#idle()) void this.disconnect();
        this.#settle(now);
      },
    };
  }

  /** Dials if nothing is under way. */
  #wanted(): void {
    if (this.#state.status === 'closed' || this.#closing !== undefined) {
      throw systemError('UNAVAILABLE', 'The client is closed; make a new one with createClient().', { retryable: false });
    }
    if (this.#state.status === 'idle') this.#input({ type: 'connect' });
  }

  /** Steps the machine; inputs that arrive from listeners meanwhile take their turn after. */
  #input(input: ConnectionInput): void {
    this.#inputs.push(input);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#stepping = false;
    }
    this.#pump.wake();
  }

  #step(input: ConnectionInput): void {
    const { clock, reconnect } = this.#options;
    const before = this.#state;
    const context = { now: clock.now(), random: clock.random, policy: reconnect, spread: this.#spread };
    const [state, effects] = transition(before, input, context);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (state === before) return;
    if (state.status === 'closed') this.#finish();
    this.#settleConnecting();
    this.#stateListeners.tell(state, before);
    if (state.status === 'closed') this.#stateListeners.clear();
  }

  #perform(effect: ConnectionEffect): void {
    switch (effect.type) {
      case 'prepare':
        this.#prepare(effect.refresh);
        break;
      case 'open':
        this.#open();
        break;
      case 'greet':
        this.#greet();
        break;
      case 'drop':
        this.#drop(effect.code, effect.reason);
        break;
      default:
        effect satisfies never;
    }
  }

  #prepare(refresh: boolean): void {
    this.#generation += 1;
    const generation = this.#generation;
    const { url, auth } = this.#options;
    const attempt = 'attempt' in this.#state ? this.#state.attempt : 1;
    prepareDial(
      url,
      auth,
      { attempt, refresh },
      (target) => {
        if (generation !== this.#generation) return;
        this.#target = target;
        this.#input({ type: 'prepared' });
      },
      (error) => {
        if (generation === this.#generation) this.#input({ type: 'failed', error });
      },
    );
  }

  #open(): void {
    const { WebSocket: Socket, endpoint, socketOptions, clock } = this.#options;
    const { url } = this.#target as DialTarget;
    try {
      const protocols = [endpoint.codec.subprotocol];
      const socket = socketOptions === undefined ? new Socket(url, protocols) : new Socket(url, protocols, socketOptions);
      const link: Link = new Link(socket, clock, {
        opened: () => this.#opened(link),
        received: (data) => this.#received(data),
        ended: (end) => this.#ended(end),
      });
      this.#link = link;
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : 'unknown reason';
      this.#input({ type: 'failed', error: systemError('UNAVAILABLE', `No socket could be made: ${text}`, { cause }) });
    }
  }

  #opened(link: Link): void {
    const wanted = this.#options.endpoint.codec.subprotocol;
    if (link.protocol === wanted) this.#input({ type: 'opened' });
    else this.#refuse(4406, `offered the sub-protocol ${wanted}, the server chose "${link.protocol.slice(0, 40)}"`);
  }

  #greet(): void {
    const { endpoint } = this.#pump;
    const { contract, endpoint: options } = this.#options;
    const ticket = this.#ticket;
    let resume;
    if (ticket !== undefined) {
      this.#ticket = { ...ticket, n: ticket.n + 1 };
      resume = { ...this.#ticket, recv: endpoint.received, first: endpoint.firstSeq };
    }
    try {
      this.#link?.send(writeHello(options.codec, contract.id, this.#target?.auth, options.accepts, resume));
    } catch (cause) {
      this.#input({ type: 'failed', error: systemError('UNAVAILABLE', '`auth` cannot be encoded.', { cause, retryable: false }) });
    }
  }

  #received(data: Encoded): void {
    if (this.#pump.endpoint.attached) {
      this.#pump.receive(data);
      this.#settle(this.#options.clock.now());
      return;
    }
    try {
      const answer = readAnswer(this.#options.endpoint.codec, data);
      if ('welcome' in answer) this.#welcomed(answer.welcome);
      else {
        const [, code, message, hint] = answer.reject;
        this.#refuse(code, message, hint?.retryAfter);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#refuse(error.closeCode, error.message);
    }
  }

  #welcomed(welcome: Welcome): void {
    const asked = this.#ticket;
    if (welcome.resumed && welcome.sid !== asked?.sid) throw new WireError(4400, 'a session resumed that was not asked for');
    if (asked !== undefined && !welcome.resumed) this.#lose(welcome.why ?? 'unknown');
    this.#ticket = { sid: welcome.sid, tok: welcome.tok, n: welcome.resumed ? (asked?.n ?? 0) : 0 };
    this.#spread = welcome.spread;
    const link = {
      peerReceived: welcome.recv,
      peerAccepts: welcome.lim,
      heartbeat: welcome.hb,
      firstPing: Number.POSITIVE_INFINITY,
    };
    if (!this.#pump.endpoint.attach(link, this.#options.clock.now())) {
      throw new WireError(4400, 'the server acknowledges what was never sent');
    }
    this.#pump.bind(this.#link as Link);
    this.#input({ type: 'welcomed', resumed: welcome.resumed });
    this.#pump.drain();
  }

  /** The server's answer, or its choice, ends this try: same path as a close by the server. */
  #refuse(code: number, reason: string, retryAfter?: number): void {
    this.#drop(code >= 4000 ? code : 4400, reason);
    this.#input({ type: 'lost', code, reason, ...(retryAfter === undefined ? undefined : { retryAfter }) });
  }

  #ended(end: LinkEnd): void {
    this.#link = undefined;
    this.#onLinkGone?.();
    this.#detach(end.code);
    const badProtocol = end.cause instanceof Error && /subprotocol/.test(end.cause.message);
    this.#input({ type: 'lost', ...end, ...(badProtocol ? { code: 4406, reason: end.cause.message } : undefined) });
  }

  #drop(code: number, reason: string): void {
    // Anything still being prepared belongs to an older generation from here on.
    this.#generation += 1;
    const link = this.#link;
    if (link === undefined) return;
    if (code === 1000) this.#pump.flush();
    this.#link = undefined;
    const done = this.#onLinkGone;
    this.#detach(code);
    link.drop(code, reason, done);
  }

  #detach(code: number): void {
    const { endpoint } = this.#pump;
    if (!endpoint.attached) return;
    this.#pump.unbind();
    if (endpoint.detach(code) === 'poisoned') this.#lose('poison');
  }

  #effect(effect: EndpointEffect): void {
    switch (effect.type) {
      case 'close':
        this.#refuse(effect.code, effect.reason);
        break;
      case 'silent':
        this.#input({ type: 'silent' });
        break;
      case 'measured':
        this.#input({ type: 'measured', latency: effect.latency, degraded: effect.degraded });
        break;
      case 'lost':
        this.#refuse(4541, 'the send buffer overflowed');
        this.#lose(effect.why);
        break;
      case 'dropped':
        this.#report({ kind: 'dropped', name: effect.name, error: effect.error });
        break;
      default:
        effect satisfies never;
    }
  }

  /** The session cannot go on: tells once, sorted, and starts over with what never left. */
  #lose(why: SessionLost['why']): void {
    const sid = this.#ticket?.sid;
    this.#ticket = undefined;
    const remains = this.#succeed(this.#options.requeueUnsent);
    if (sid === undefined) return;
    this.#peer.markGap();
    this.#lossListeners.tell(
      describeLoss(sid, why, remains, this.#options.endpoint.codec, this.#options.requeueUnsent),
    );
  }

  /** This side ended the session on purpose: a loss only if something is left open. */
  #endSession(why: SessionLost['why']): void {
    if (this.#pump.endpoint.unacknowledged > 0) this.#lose(why);
    else {
      this.#ticket = undefined;
      this.#succeed(true);
    }
  }

  /** Puts a new endpoint in the place of the old one, and hands out what the old one still had to say. */
  #succeed(requeue: boolean): ReturnType<Endpoint['end']> {
    const old = this.#pump.endpoint;
    const remains = old.end();
    const next = new Endpoint({ ...this.#options.endpoint, firstId: old.nextId });
    if (requeue) next.adopt(old, remains.unsent);
    const after = this.#state.status === 'closed' ? 'closed' : 'lost';
    old.failCalls((name, left) => lostCall(name, left, after));
    this.#pump.replace(next);
    this.#peer.deliver(old.takeDeliveries());
    return remains;
  }

  /** The machine reached its end: everything settles, nothing stays. */
  #finish(): void {
    const closedHere = this.#state.status === 'closed' && this.#state.reason === 'client';
    this.#stopWatching();
    this.#settle(Number.POSITIVE_INFINITY);
    const { endpoint } = this.#pump;
    if (!closedHere && this.#ticket !== undefined && endpoint.unacknowledged + endpoint.unsent > 0) {
      const sid = this.#ticket.sid;
      const remains = this.#succeed(false);
      this.#lossListeners.tell(describeLoss(sid, 'closed', remains, this.#options.endpoint.codec, false));
    } else this.#succeed(false);
    this.#ticket = undefined;
    this.#pump.stop();
    this.#peer.clear();
  }

  #settleConnecting(): void {
    const state = this.#state;
    if (state.status !== 'connected' && state.status !== 'closed' && state.status !== 'suspended') return;
    const waiting = this.#connecting;
    this.#connecting = [];
    for (const waiter of waiting) {
      if (state.status === 'connected') waiter.resolve();
      else waiter.reject(state.error ?? closedError(state.reason));
    }
  }

  #settle(now: number): void {
    const settling = this.#settling;
    if (settling === undefined || (now < settling.deadline && !settling.check())) return;
    this.#settling = undefined;
    settling.done();
  }

  #idle(): boolean {
    const { endpoint } = this.#pump;
    return this.#leases === 0 && endpoint.pendingCalls === 0 && endpoint.unsent === 0 && endpoint.unacknowledged === 0;
  }

  #noteIdle(): void {
    if (this.#options.idleTimeout === Number.POSITIVE_INFINITY || this.#state.status === 'closed') return;
    if (this.#idleAt !== Number.POSITIVE_INFINITY || !this.#idle()) return;
    this.#idleAt = this.#options.clock.now() + this.#options.idleTimeout;
    this.#pump.wake();
  }

  #probe(): void {
    this.#pump.endpoint.probe(this.#options.clock.now());
    this.#pump.wake();
  }

  #report(problem: Problem): void {
    if (this.#problemListeners.size > 0) this.#problemListeners.tell(problem);
    else this.#complain(`${problem.kind} "${problem.name}": ${problem.error.message}`, problem.error.cause);
  }

  #listenerThrew(cause: unknown): void {
    const error: SystemError = systemError('INTERNAL', 'A listener of onState or onSessionLost threw.', { cause });
    this.#report({ kind: 'handler-error', name: '', error });
  }

  /** Nobody listens for problems: a swallowed error would be worse than a line on the console. */
  #complain(text: string, cause: unknown): void {
    console.error(`[hawser] ${text}`, ...(cause === undefined ? [] : [cause]));
  }
}

function closedError(reason: string): SystemError {
  return systemError('UNAVAILABLE', `The client is ${reason === 'client' ? 'closed' : `not connected: ${reason}`}.`, {
    retryable: false,
  });
}
