import { systemError } from '../shared/errors.ts';
import { Listeners } from '../shared/listeners.ts';
import { Rhythm } from '../endpoint/rhythm.ts';
import { Link, type LinkHost } from '../driver/link.ts';
import { randomId } from '../peer/random-id.ts';
import type { SocketLike } from '../driver/socket.ts';
import { definitionMap } from '../peer/contract.ts';
import { interactionsOf } from '../peer/interaction.ts';
import type { PeerParent } from '../peer/peer-host.ts';
import { checkHello } from '../wire/check-hello.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import { Kind, type Hello, type ResumeRequest } from '../wire/frame.ts';
import { helloLimit } from '../wire/limits.ts';
import { parsePacket } from '../wire/parse-packet.ts';
import { protocolMinor } from '../wire/version.ts';
import { WireError } from '../wire/wire-error.ts';
import type { AcceptOptions } from './accept-options.ts';
import { AnswerOnce, isAnsweredOnce } from './answer-once.ts';
import { Broadcast } from './broadcast.ts';
import { drainPeers } from './drain.ts';
import { Greeting, type Greeter } from './greeting.ts';
import { HostedPeer } from './hosted-peer.ts';
import type { HostedShared } from './hosted-shared.ts';
import { identify, refusalCode, type Identified } from './identify.ts';
import { MiddlewareChain } from './middleware.ts';
import type { PeerEnd } from './peer-end.ts';
import { SessionRegistry, type ResumeVerdict } from './session-registry.ts';
import { TopicHub } from './topic-hub.ts';

/** Hears a link that is closed at once. */
const nobody: LinkHost = { opened: () => undefined, received: () => undefined, ended: () => undefined };

/**
 * The accepting side of the protocol on any socket: handshake, authentication, sessions; no HTTP, no listening.
 *
 * `@hawser/server` mounts it on Node; the test bed on memory.
 */
export class Acceptor<Auth, Info> {
  /** What clients subscribe to. */
  readonly topics: TopicHub;
  readonly #options: AcceptOptions<Auth, Info>;
  readonly #broadcast: Broadcast;
  readonly #registry: SessionRegistry<HostedPeer>;
  readonly #shared: HostedShared<HostedPeer>;
  readonly #once: AnswerOnce | undefined;
  readonly #peers = new Map<string, HostedPeer>();
  readonly #greetings = new Set<Greeting<Info>>();
  readonly #greeter: Greeter<Info> = {
    greeted: (greeting, data) => this.#greeted(greeting, data),
    left: (greeting) => this.#leave(greeting),
  };
  readonly #listeners = new Listeners<{ peer: [peer: HostedPeer]; end: [peer: HostedPeer, end: PeerEnd] }>((_, e) =>
    this.#listenerThrew(e),
  );
  #sweepTimer: unknown;
  #closed = false;

  constructor(options: AcceptOptions<Auth, Info>, parent: PeerParent) {
    this.#options = options;
    this.#registry = new SessionRegistry(options.registry, options.hash);
    this.topics = new TopicHub({
      topics: options.contract.topics,
      codecs: options.codecs,
      clock: options.clock,
      validation: options.validation,
      limits: options.topics,
      authorize: options.authorizeTopic,
      onProblem: options.onProblem,
    });
    const { answers: limits, clock, hash } = options;
    const repeatable = Object.values(options.contract.clientToServer).some(isAnsweredOnce);
    this.#once = repeatable ? new AnswerOnce({ limits, clock, hash }) : undefined;
    const incoming = definitionMap(options.contract.clientToServer);
    const middleware = new MiddlewareChain(options.middleware, incoming);
    this.#shared = {
      clock: options.clock,
      endpoints: new Map(
        options.codecs.map((codec) => [
          codec,
          {
            codec,
            accepts: options.accepts,
            keeps: options.keeps,
            runningHandlers: options.runningHandlers,
            overflow: 'reject',
            firstId: 2,
          },
        ]),
      ),
      settings: {
        outgoing: definitionMap(options.contract.serverToClient),
        incoming,
        interactions: interactionsOf(options.contract.serverToClient, options.contract.clientToServer),
        validation: options.validation,
        callTimeout: options.callTimeout,
        parent: middleware.aroundAll(parent),
      },
      topics: this.topics,
      rates: options.rates,
      once: this.#once,
      middleware,
      onProblem: options.onProblem,
      onGrowth: (peer) => this.#evict(this.#registry.recount(peer.sid)),
      onDetached: (peer) => this.#detached(peer),
      onEnd: (peer, end) => {
        this.#registry.remove(peer.sid, end.why === 'expired' || end.why === 'overflow' ? end.why : 'unknown');
        this.#peers.delete(peer.sid);
        this.#listeners.tell('end', peer, end);
      },
    };
    this.#broadcast = new Broadcast(options, this.#peers, this.#shared.settings.outgoing, this.topics);
  }

  /** Live sessions by id, with or without a connection at the moment. */
  get peers(): ReadonlyMap<string, HostedPeer> {
    return this.#peers;
  }

  /** Connections that were not welcomed yet. */
  get greetings(): number {
    return this.#greetings.size;
  }

  /** Called for every new session. */
  onPeer(listener: (peer: HostedPeer) => void): () => void {
    return this.#listeners.add('peer', listener);
  }

  /** Called for every session that ended. */
  onPeerEnd(listener: (peer: HostedPeer, end: PeerEnd) => void): () => void {
    return this.#listeners.add('end', listener);
  }

  /** Takes over an open socket whose sub-protocol was negotiated. */
  accept(socket: SocketLike, request: Info): void {
    const codec = this.#options.codecs.find((known) => known.subprotocol === socket.protocol);
    const { clock, helloTimeout, greetings } = this.#options;
    if (codec === undefined) {
      const spoken = this.#options.codecs.map((known) => known.subprotocol).join(' or ');
      return this.#turnAway(new Link(socket, clock, nobody), undefined, 4406, `speak ${spoken}`);
    }
    const greeting = new Greeting(socket, clock, codec, request, this.#greeter);
    // Topics and chunks that waited for room go on at once; other sockets are looked at again and again.
    if ('ondrain' in socket) socket.ondrain = () => greeting.drained();
    if (this.#closed) return this.#dismiss(greeting, 4512, 'the server is shutting down');
    if (this.#greetings.size >= greetings)
      return this.#dismiss(greeting, 4503, 'too many connections are being set up');
    greeting.timer = clock.setTimer(() => this.#dismiss(greeting, 4508, 'no hello in time'), helloTimeout);
    this.#greetings.add(greeting);
  }

  /**
   * Queues one message for every session, encoded once per codec. A peer that cannot take it is reported and skipped.
   *
   * @throws HawserError `UNIMPLEMENTED` for a name that is no message of the server, `INVALID_INPUT`
   */
  broadcast(name: string, data: unknown): void {
    this.#broadcast.send(name, data);
  }

  /**
   * Stops accepting, lets calls be answered and what is queued be acknowledged for up to `drain` milliseconds, then ends
   * every session.
   *
   * @param code - what clients are told; after 4512 and 1012 they come back by themselves, to whoever listens then
   */
  async close(drain: number, code: number): Promise<void> {
    this.#closed = true;
    const { clock } = this.#options;
    for (const greeting of this.#greetings) this.#dismiss(greeting, 4512, 'the server is shutting down');
    await drainPeers(this.#peers.values(), drain, clock);
    for (const peer of this.#peers.values()) peer.end('shutdown', code, 'the server is shutting down');
    this.#once?.close();
    clock.clearTimer(this.#sweepTimer);
    this.#sweepTimer = undefined;
  }

  #greeted(greeting: Greeting<Info>, data: Encoded): void {
    const { link, codec } = greeting;
    // Nothing may follow a hello before its welcome.
    if (greeting.phase !== 'waiting') return this.#dismiss(greeting, 4400, 'a frame before welcome');
    greeting.phase = 'authenticating';
    let hello: Hello;
    try {
      if (codec.byteLength(data) > helloLimit) throw new WireError(4413, 'the hello is too large');
      const { frames } = parsePacket(codec.decode(data));
      const [frame] = frames;
      if (frames.length !== 1 || frame?.[0] !== Kind.hello)
        throw new WireError(4400, 'the first packet is not a hello');
      hello = checkHello(frame[1]);
    } catch (error) {
      return this.#dismiss(greeting, error instanceof WireError ? error.closeCode : 4400, (error as Error).message);
    }
    const { contract } = this.#options;
    if (hello.contract !== undefined && hello.contract !== contract.id) {
      return this.#dismiss(greeting, 4406, `this server speaks the contract ${contract.id}`);
    }
    identify(
      this.#options,
      { auth: hello.auth, request: greeting.request as Info },
      (identified) => {
        if (greeting.phase === 'over') return;
        this.#leave(greeting);
        const peer = this.#join(link, codec, hello, identified);
        if (peer !== undefined) greeting.welcomed(peer);
      },
      (error) => this.#dismiss(greeting, refusalCode(error), error.message, error.retryAfter),
    );
  }

  /** Resumes or begins a session, in one synchronous step. */
  #join(link: Link, codec: Codec, hello: Hello, { auth, principal }: Identified<Auth>): HostedPeer | undefined {
    const { registry: limits, heartbeat, clock } = this.#options;
    const tok = randomId(32);
    const verdict = hello.resume === undefined ? undefined : this.#resume(hello.resume, principal, tok, codec);
    if (verdict?.kind === 'stale') {
      void link.drop(4409, 'a newer connection holds this session');
      return undefined;
    }
    let peer: HostedPeer;
    if (verdict?.kind === 'resumed') {
      peer = verdict.session;
      peer.fence(4409, 'a newer connection holds this session');
    } else {
      this.#evict(this.#registry.makeRoom());
      if (!this.#registry.hasRoom) {
        this.#turnAway(link, codec, 4503, 'this server holds as many sessions as it may', 5_000);
        return undefined;
      }
      peer = new HostedPeer(this.#shared, codec, { sid: randomId(), principal, auth });
      this.#registry.add(peer, tok);
      this.#peers.set(peer.sid, peer);
    }
    const resumed = verdict?.kind === 'resumed';
    const welcome = {
      v: protocolMinor,
      sid: peer.sid,
      tok,
      resumed,
      recv: peer.received,
      lim: this.#options.accepts,
      hb: heartbeat,
      window: limits.window,
      spread: this.#options.spread,
      caps: peer.endpoint.caps.filter((cap) => hello.caps.includes(cap)),
      ...(verdict?.kind === 'refused' ? { why: verdict.why } : undefined),
      // For clients that may ask again what they asked in another session.
      ...(this.#once && { who: this.#options.hash(principal).slice(0, 16) }),
    };
    link.send(codec.encodePacket(0, 0, [codec.encodeFrame([Kind.welcome, welcome])]));
    peer.attach(link, {
      peerReceived: resumed ? (hello.resume?.recv ?? 0) : 0,
      peerAccepts: hello.lim,
      caps: welcome.caps,
      // The first ping at a random point keeps thousands of rhythms apart.
      heartbeat: new Rhythm(heartbeat, clock.random() * heartbeat.every, clock.now()),
    });
    if (!resumed) this.#listeners.tell('peer', peer);
    return peer;
  }

  #resume(request: ResumeRequest, principal: string, tok: string, codec: Codec): ResumeVerdict<HostedPeer> {
    const peer = this.#peers.get(request.sid);
    // What a session keeps is encoded already, so it cannot go on in another encoding; refusing does it no harm.
    if (peer !== undefined && peer.codec !== codec) return { kind: 'refused', why: 'policy' };
    return this.#registry.resume(request, principal, tok);
  }

  #detached(peer: HostedPeer): void {
    this.#evict(this.#registry.detach(peer.sid, this.#options.clock.now()));
    this.#armSweep();
  }

  #evict(peers: readonly HostedPeer[]): void {
    for (const peer of peers) peer.end('overflow', 4541, 'more detached sessions than can be kept');
  }

  #armSweep(): void {
    if (this.#sweepTimer !== undefined || this.#closed) return;
    const { clock } = this.#options;
    const at = this.#registry.deadline;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#sweepTimer = clock.setTimer(
      () => {
        this.#sweepTimer = undefined;
        for (const peer of this.#registry.expire(clock.now())) peer.end('expired', 4410, 'the session expired');
        this.#armSweep();
      },
      Math.max(0, at - clock.now()),
    );
  }

  #leave(greeting: Greeting<Info>): void {
    greeting.phase = 'over';
    this.#options.clock.clearTimer(greeting.timer);
    greeting.timer = undefined;
    this.#greetings.delete(greeting);
  }

  #dismiss(greeting: Greeting<Info>, code: number, message: string, retryAfter?: number): void {
    if (greeting.phase === 'over') return;
    this.#leave(greeting);
    this.#turnAway(greeting.link, greeting.codec, code, message, retryAfter);
  }

  /** Says why before closing, since a close reason is short and browsers hide HTTP answers. */
  #turnAway(link: Link, codec: Codec | undefined, code: number, message: string, retryAfter?: number): void {
    if (codec !== undefined && code !== 4400) {
      const hint = retryAfter === undefined ? {} : { retryAfter };
      link.send(codec.encodePacket(0, 0, [codec.encodeFrame([Kind.reject, code, message.slice(0, 500), hint])]));
    }
    void link.drop(code, message);
  }

  #listenerThrew(cause: unknown): void {
    const error = systemError('INTERNAL', 'A listener of onPeer or onPeerEnd threw.', { cause });
    this.#options.onProblem({ kind: 'handler-error', name: '', error });
  }
}
