import { systemError } from '../shared/errors.ts';
import { Listeners } from '../shared/listeners.ts';
import { Heat } from '../driver/heat.ts';
import type { Link } from '../driver/link.ts';
import { Pump, type PumpHost } from '../driver/pump.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointOptions } from '../endpoint/endpoint-options.ts';
import { isDelivery, type EndpointOutput } from '../endpoint/endpoint-io.ts';
import { fullPacket } from '../endpoint/outbox.ts';
import type { IncomingExchange } from '../messaging/exchange.ts';
import type { Outcome } from '../peer/call/read-outcome.ts';
import type { CallContext } from '../peer/handler-context.ts';
import { ContractPeer } from '../peer/peer.ts';
import type { Problem } from '../peer/peer-surface.ts';
import { problem } from '../peer/problem.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import { TopicOutlet } from './topic-outlet.ts';
import { HostedAnswering } from './hosted-answering.ts';
import { HostedEndpoint } from './hosted-endpoint.ts';
import { OnceExchanges } from './once-exchanges.ts';
import { PeerCallContext, type HostedShared } from './hosted-shared.ts';
import { describeEnd, endsSession, type PeerEnd, type PeerEndReason } from './peer-end.ts';
import type { RegisteredSession } from './session-registry.ts';

/**
 * One client's session, as the accepting side holds it: survives its connections, ends by the rules of the registry.
 *
 * The typed face is the server package's `ServerPeer`.
 */
export class HostedPeer extends ContractPeer implements RegisteredSession, PumpHost {
  declare readonly endpoint: HostedEndpoint;
  readonly sid: string;
  readonly principal: string;
  readonly auth: unknown;
  readonly #shared: HostedShared<HostedPeer>;
  readonly #pump: Pump;
  readonly #outlet: TopicOutlet;
  #endListeners: Listeners<{ end: [end: PeerEnd] }> | undefined;
  #meta: { readonly peer: HostedPeer } | undefined;
  #latency: number | undefined;
  /** Of broadcasts; made at the first. */
  #heat: Heat | undefined;
  #ended: PeerEnd | undefined;

  constructor(
    shared: HostedShared<HostedPeer>,
    codec: Codec,
    identity: { sid: string; principal: string; auth: unknown },
  ) {
    const { once, middleware } = shared;
    const endpoint = new HostedEndpoint(shared.endpoints.get(codec) as EndpointOptions, shared.rates);
    if (once !== undefined) {
      endpoint.exchanges = new OnceExchanges(endpoint, endpoint.options, (exchange, answer) =>
        once.answered(exchange, answer, codec),
      );
    }
    super(endpoint, shared.settings);
    if (this.answering !== undefined && (once !== undefined || middleware.exists)) {
      this.answering = new HostedAnswering(this, once, middleware);
    }
    this.#shared = shared;
    this.#pump = new Pump(shared.clock, endpoint, this);
    this.#outlet = new TopicOutlet(shared.topics, this, this.#pump);
    endpoint.topics = this.#outlet;
    this.sid = identity.sid;
    this.principal = identity.principal;
    this.auth = identity.auth;
  }

  /** The session's id, as the application names its peers. */
  get id(): string {
    return this.sid;
  }

  /** What server-wide listeners are told besides the data. */
  get meta(): { readonly peer: HostedPeer } {
    this.#meta ??= { peer: this };
    return this.#meta;
  }

  /** Whether a connection is attached right now. */
  get connected(): boolean {
    return this.#pump.link !== undefined;
  }

  /** Last measured round trip, milliseconds. */
  get latency(): number | undefined {
    return this.#latency;
  }

  /** Whether the session ended so that its client may ask again in the next one. */
  get mayReturn(): boolean {
    return /expired|overflow|poison/.test(this.#ended?.why ?? '');
  }

  /** How the session ended; `undefined` while it lives. */
  get ended(): PeerEnd | undefined {
    return this.#ended;
  }

  get codec(): Codec {
    return this.endpoint.options.codec;
  }

  /** Handlers that have not returned, also those nobody waits for any more. */
  get runningHandlers(): number {
    return this.endpoint.exchanges?.running ?? 0;
  }

  get received(): number {
    return this.endpoint.session.received;
  }

  get keptBytes(): number {
    return this.endpoint.keptBytes;
  }

  /** Sequenced frames that are not acknowledged yet, written or not. */
  get outstanding(): number {
    return this.endpoint.outstanding;
  }

  canResume(recv: number, first: number): boolean {
    return this.endpoint.canResume(recv) && first <= this.received + 1;
  }

  call(name: string, input?: unknown, options?: object): Promise<unknown> {
    return this.begin('call', name, input, options) as Promise<unknown>;
  }

  safeCall(name: string, input?: unknown, options?: object): Promise<Outcome> {
    return this.begin('call', name, input, options, true) as Promise<Outcome>;
  }

  stream(name: string, ...args: unknown[]): unknown {
    return this.begin('stream', name, ...args);
  }

  upload(name: string, ...args: unknown[]): unknown {
    return this.begin('upload', name, ...args);
  }

  /** Queues a message that was encoded once for many peers; it leaves with {@link HostedPeer.writeQueued}, if not before. */
  sendEncoded(name: string, encoded: Encoded): void {
    const { endpoint } = this;
    if (this.#ended !== undefined || endpoint.over) return;
    endpoint.queue('message', name, encoded);
    // A turn of its own does more than write: it hands out what there is to say, and keeps the timer.
    const { outputs, outstanding, session } = endpoint;
    // Asking for what carries large ones would make it, and most clients never need it.
    const large = outstanding > session.size;
    if (outputs.length > 0 || large || session.queueBytes > fullPacket) this.#pump.wake();
    if (!this.connected) this.#shared.onGrowth(this);
  }

  /** Writes what is queued, unless that happens anyway: a fraction of what a turn costs. */
  writeQueued(): void {
    const pump = this.#pump;
    if (pump.awake) return;
    this.#heat ??= new Heat();
    // Whoever gets packet after packet is better off with one for several ticks, which a turn sees to.
    if (this.#heat.until(this.endpoint.urgency, this.now()) > 0) pump.wake();
    else pump.flush();
  }

  /** Topics this client subscribes to, or is about to. */
  get subscriptions(): number {
    return this.#outlet.size;
  }

  /** What waits in this process for a client that reads its topics too slowly. */
  get heldTopics(): { readonly count: number; readonly bytes: number } {
    return this.#outlet.held;
  }

  /** Ends this client's subscription to a topic; its handle fails with `FORBIDDEN`. */
  revokeTopic(name: string, params?: unknown, message = 'The server does not allow it any more.'): void {
    this.#outlet.revoke(name, params, message);
  }

  /** Called once when the session ends; at once when it has. */
  onEnd(listener: (end: PeerEnd) => void): () => void {
    if (this.#ended === undefined) {
      this.#endListeners ??= new Listeners((_, cause) =>
        this.report(problem('handler-error', '', 'INTERNAL', 'A listener of onEnd threw.', { cause })),
      );
      return this.#endListeners.add('end', listener);
    }
    listener(this.#ended);
    return () => undefined;
  }

  /** Ends the session: the client is told with 4410 and does not come back by itself. */
  close(reason = 'closed by the server'): void {
    this.end('server', 4410, reason);
  }

  /** Fences the present connection before anything is read for a resume (rule 2). */
  fence(code: number, reason: string): void {
    const { endpoint } = this;
    const { link } = this.#pump;
    if (link === undefined) return;
    this.#pump.link = undefined;
    endpoint.detach(code);
    void link.drop(code, reason);
  }

  /** Goes on over this link. @throws WireError when the client's position is impossible */
  attach(link: Link, attachment: Parameters<Endpoint['attach']>[0]): void {
    this.endpoint.attach(attachment, this.#shared.clock.now());
    this.#pump.link = link;
    this.#pump.drain();
    this.#pump.wake();
  }

  receive(data: Encoded): void {
    this.#pump.receive(data);
  }

  /** The attached link ended by itself. */
  lostLink(code: number): void {
    if (!this.connected) return;
    this.#pump.link = undefined;
    if (this.endpoint.detach(code)) this.end('poison', code, '');
    else if (code === 1000) this.end('client', code, '');
    else if (endsSession.has(code)) this.end('protocol', code, '');
    else this.#shared.onDetached(this);
  }

  /** Transmits now what is queued, and asks for acks. */
  flush(): void {
    this.endpoint.requestAck(this.#shared.clock.now());
    this.#pump.flush();
  }

  /** Ends the session; pending calls fail, running handlers are told to stop. */
  end(why: PeerEndReason, code: number, reason: string): void {
    if (this.#ended !== undefined) return;
    const { endpoint } = this;
    const { link } = this.#pump;
    if (code === 1000 || code >= 4410) this.#pump.flush();
    const remains = endpoint.restart(false);
    const end = describeEnd(why, remains);
    this.#ended = end;
    this.#pump.stop();
    this.#pump.drain();
    void link?.drop(code, reason);
    this.#shared.onEnd(this, end);
    this.#endListeners?.tell('end', end);
    this.#endListeners?.clear();
    this.clear();
  }

  // What the pump and the peer ask of their host.

  take(output: EndpointOutput): void {
    if (isDelivery(output)) return this.deliver(output);
    switch (output.type) {
      case 'fault':
        if (endsSession.has(output.code)) this.end('protocol', output.code, output.reason);
        else this.#cut(output.code, output.reason);
        break;
      case 'silent':
        this.#cut(4542, 'heartbeat missed');
        break;
      case 'measured':
        this.#latency = output.latency;
        break;
      case 'lost':
        this.end(output.why, 4541, 'more is waiting than can be kept');
        break;
      case 'dropped':
        this.report({ kind: 'dropped', name: output.name, error: output.error });
        break;
      default:
        output satisfies never;
    }
  }

  /** Closes the connection and keeps the session. */
  #cut(code: number, reason: string): void {
    if (!this.connected) return;
    this.fence(code, reason);
    this.#shared.onDetached(this);
  }

  /** As a pump's host: when it must be looked again whether the socket has room for topics. */
  get deadline(): number {
    return this.#outlet.deadline;
  }

  /** What is due may make it keep less, or more. */
  tick(): void {
    if (!this.endpoint.attached) this.#shared.onGrowth(this);
  }

  protected override listens(name: string): boolean {
    return super.listens(name) || this.parent?.listens(name) === true;
  }

  protected override tell(name: string, data: unknown): void {
    super.tell(name, data);
    if (this.parent?.listens(name)) this.parent.tell(name, data, this);
  }

  report(found: Problem): void {
    this.#shared.onProblem(found);
  }

  context(exchange: IncomingExchange): CallContext {
    return new PeerCallContext(this, exchange);
  }

  wake(): void {
    this.#pump.wake();
    if (!this.endpoint.attached) this.#shared.onGrowth(this);
  }

  now(): number {
    return this.#shared.clock.now();
  }

  congested(): boolean {
    return this.#pump.congested;
  }

  lease(): () => void {
    this.use();
    return () => undefined;
  }

  after(delay: number, fn: () => void): () => void {
    const { clock } = this.#shared;
    const timer = clock.setTimer(fn, delay);
    return () => clock.clearTimer(timer);
  }

  use(): void {
    if (this.#ended === undefined) return;
    throw systemError(
      'UNAVAILABLE',
      `The client's session ended (${this.#ended.why}); it cannot be reached any more.`,
      {
        retryable: false,
      },
    );
  }
}
