import { acceptDefaults } from '../../src/accept/defaults.ts';
import { Acceptor } from '../../src/accept/acceptor.ts';
import type { HostedPeer } from '../../src/accept/hosted-peer.ts';
import { PeerRegistrations } from '../../src/accept/peer-registrations.ts';
import { HawserError } from '../../src/shared/errors.ts';
import type { MemorySocket } from '../../src/testing/memory-socket.ts';
import { Kind } from '../../src/wire/frame.ts';
import { answer, follow } from './answering.ts';
import type { Stream } from '../../src/peer/stream/stream-surface.ts';
import { bodyOf, contract, type Item, type Payload, type TopicName, type TopicPayload } from './payload.ts';
import type { SessionRecord } from './records.ts';
import { beginStream, produce, readStream } from './streaming.ts';
import { short, type World } from './world.ts';

/** Longest time between two looks, and the one before a connection was lost, milliseconds. */
const inspection = 3_000;

interface Credential {
  readonly user: string;
}

/** The accepting side of a run: one server process after the other, and what its application saw. */
export class SimServer {
  readonly #world: World;
  readonly #registrations: PeerRegistrations;
  #broadcast = 0;
  acceptor: Acceptor<Credential, undefined>;
  /** Every process so far, for leak checks. */
  readonly processes: Acceptor<Credential, undefined>[] = [];
  /** What was published in the present process, by topic. */
  readonly #published = new Map<string, { last: TopicPayload; about: Map<string, number> }>();
  /** Turns clients away for the moment. */
  overloaded = false;

  constructor(world: World) {
    this.#world = world;
    this.#registrations = new PeerRegistrations((name, error) =>
      world.violation(8, `a listener of ${name} threw: ${String(error)}`),
    );
    this.#registrations.on('note', (data, { peer }) => {
      world.arrived('server', this.record(peer), data as Payload);
      if (world.reacts(0.02)) this.send(peer);
    });
    this.#registrations.on('blip', (data, { peer }) => world.blipped('server', this.record(peer), data as Payload));
    for (const name of ['ask', 'order']) {
      this.#registrations.handle(name, (data, context) => {
        world.ran(this.record((context as unknown as { peer: HostedPeer }).peer), (data as Payload).k);
        return answer(world, data as Payload);
      });
    }
    this.#registrations.handle('flow', (data, context) => {
      world.ran(this.record((context as unknown as { peer: HostedPeer }).peer), (data as Payload).k);
      return produce(world, data as Payload);
    });
    this.acceptor = this.#start();
  }

  record(peer: HostedPeer): SessionRecord {
    return this.#world.sessions.get(peer.sid) as SessionRecord;
  }

  /** Takes a socket over, and notices take-overs: a welcomed connection that is told of a newer one. */
  accept(socket: MemorySocket, client: { readonly sluggish: boolean }): void {
    const { counts } = this.#world;
    const buffered = (): number => (client.sluggish ? 1_000_000 : 0);
    Object.defineProperty(socket, 'bufferedAmount', { get: buffered });
    let welcomed = false;
    const send = socket.send.bind(socket);
    const close = socket.close.bind(socket);
    socket.send = (data) => {
      welcomed = true;
      send(data);
    };
    socket.close = (code, reason) => {
      if (code === 4409) counts[welcomed ? 'takeOvers' : 'staleHellos'] += 1;
      close(code, reason);
    };
    this.acceptor.accept(socket, undefined);
  }

  /** The process dies and another one takes its place; the caller cuts the connections. */
  replace(): void {
    const killed = this.acceptor;
    this.acceptor = this.#start();
    this.#world.counts.restarts += 1;
    this.#published.clear();
    void killed.close(0, 1006);
  }

  peers(): HostedPeer[] {
    return [...this.acceptor.peers.values()];
  }

  send(peer: HostedPeer, name: 'note' | 'blip' = 'note'): void {
    if (peer.ended !== undefined) return;
    const k = this.#world.nextNumber();
    try {
      peer.send(name, this.#payload(peer, k), name === 'blip' ? { whenOffline: 'drop' } : undefined);
      if (name === 'note') this.record(peer).sent.push(k);
    } catch (error) {
      // More than may be kept, all in one go: the session ends, which is reported by itself.
      const full = error instanceof HawserError && error.code === 'QUEUE_FULL';
      if (!full) this.#world.violation(8, `the server's send threw ${String(error)}`);
    }
  }

  ask(peer: HostedPeer): void {
    const k = this.#world.nextNumber();
    const call = this.#world.beginCall('server', k);
    const timeout = this.#world.random.pick([1_000, 8_000, 60_000]);
    this.record(peer).sent.push(k);
    void follow(this.#world, call, peer.safeCall('ask', this.#payload(peer, k), { timeout }));
  }

  read(peer: HostedPeer): void {
    const k = this.#world.nextNumber();
    const record = beginStream(this.#world, 'server', k);
    this.record(peer).sent.push(k);
    readStream(this.#world, record, (how) => peer.stream('flow', this.#payload(peer, k), how) as Stream<Item>);
  }

  publish(name: TopicName, n: number): void {
    const key = `${name} ${n}`;
    const before = this.#published.get(key);
    const p = (before?.last.p ?? 0) + 1;
    const last = { process: this.processes.length, p, about: `thing ${p % 5}` };
    const about = before?.about ?? new Map<string, number>();
    about.set(last.about, p);
    this.#published.set(key, { last, about });
    this.acceptor.topics.publish(name, { n }, last);
  }

  /** The last messages of a topic in the present process. */
  published(name: TopicName, n: number): { last: TopicPayload; about: ReadonlyMap<string, number> } | undefined {
    return this.#published.get(`${name} ${n}`);
  }

  /** Gives up one session, as when there are too many. */
  evict(sid: string | undefined): void {
    const peer = this.acceptor.peers.get(sid ?? '');
    if (peer === undefined) return;
    this.record(peer).evicted = true;
    peer.end('overflow', 4541, 'more detached sessions than can be kept');
  }

  /** Ends every session of this user. */
  dismiss(user: string): void {
    for (const peer of this.peers()) if (peer.principal === user) peer.close();
  }

  broadcast(): void {
    this.#broadcast = this.#world.nextNumber();
    this.acceptor.broadcast('note', { k: this.#broadcast, body: bodyOf(this.#broadcast) });
  }

  /** The facts the expiry of sessions is judged by. */
  noteConnected(): void {
    const now = this.#world.clock.now();
    for (const peer of this.acceptor.peers.values()) if (peer.connected) this.record(peer).connectedAt = now;
  }

  /** Invariant 6. */
  inspect(): void {
    const { keeps, registry } = this.#world.profile;
    const now = this.#world.clock.now();
    let detachedBytes = 0;
    this.noteConnected();
    for (const peer of this.acceptor.peers.values()) {
      if (!peer.connected) detachedBytes += peer.keptBytes;
      const away = now - this.record(peer).connectedAt;
      if (away > registry.window + inspection) {
        this.#world.violation(6, `session ${short(peer.sid)} is kept ${away} ms, the window is ${registry.window}`);
      }
      if (peer.keptBytes > keeps.queueBytes + keeps.replayBytes + keeps.largeBytes) {
        this.#world.violation(6, `the server keeps ${peer.keptBytes} bytes for session ${short(peer.sid)}`);
      }
      const { count, bytes } = peer.heldTopics;
      if (count > 1_000 || bytes > 262_144 || peer.subscriptions > 256)
        this.#world.violation(6, `${count} messages of topics (${bytes} bytes) wait for session ${short(peer.sid)}`);
      if (peer.outstanding > keeps.queueCount + keeps.replayCount) {
        this.#world.violation(6, `the server keeps ${peer.outstanding} items for session ${short(peer.sid)}`);
      }
    }
    if (detachedBytes > registry.detachedBytes) {
      this.#world.violation(6, `detached sessions hold ${detachedBytes} bytes`);
    }
    if (this.acceptor.peers.size > registry.sessions) this.#world.violation(6, `${this.acceptor.peers.size} sessions`);
  }

  /**
   * Notes what cannot be seen from outside. A broadcast passes over sessions that end while it goes on; what it gave to the
   * others counts as sent. A connection may come and go between two looks.
   */
  #watch(peer: HostedPeer): void {
    const attach = peer.attach.bind(peer);
    peer.attach = (...how) => {
      this.record(peer).connectedAt = this.#world.clock.now();
      return attach(...how);
    };
    // A repeated call reaches this end and no handler.
    const deliver = peer.deliver.bind(peer);
    peer.deliver = (delivery) => {
      if (delivery[0] === Kind.request) {
        this.#world.arrived('server', this.record(peer), delivery[1].request[3] as Payload);
      }
      deliver(delivery);
    };
    const sendEncoded = peer.sendEncoded.bind(peer);
    peer.sendEncoded = (name, encoded) => {
      const { sent } = this.record(peer);
      const { ended, outstanding } = peer;
      sendEncoded(name, encoded);
      if (peer.outstanding > outstanding || peer.ended !== ended) sent.push(this.#broadcast);
    };
  }

  #payload(peer: HostedPeer, k: number): Payload {
    return { k, sid: peer.sid, body: bodyOf(k) };
  }

  #start(): Acceptor<Credential, undefined> {
    const world = this.#world;
    const { accepts, codec, heartbeat, keeps, registry, authTime } = world.profile;
    const acceptor = new Acceptor<Credential, undefined>(
      {
        ...acceptDefaults,
        contract,
        codecs: [codec],
        accepts,
        heartbeat,
        keeps,
        registry,
        runningHandlers: 1_000,
        clock: world.clock,
        // Nothing is forgotten, so that a gap without a hole is a fault.
        topics: { ...acceptDefaults.topics, window: 2_000_000_000 },
        authorizeTopic: () => {
          const { topicAuthTime } = world.profile;
          if (topicAuthTime === 0) return;
          return new Promise<void>((resolve) => {
            world.clock.setTimer(resolve, world.topicRandom.int(0, topicAuthTime));
          });
        },
        authenticate: ({ auth, refuse }) => {
          if (this.overloaded) refuse('UNAVAILABLE', 'busy', world.random.int(0, 3_000));
          const credential = auth as Credential;
          if (authTime === 0) return credential;
          return new Promise((resolve) => {
            world.clock.setTimer(() => resolve(credential), world.random.int(0, authTime));
          });
        },
        principal: ({ user }) => user,
        hash: (token) => token,
        onProblem: ({ kind, name, error }) => world.violation(8, `server: ${kind} ${name}: ${error.message}`),
      },
      this.#registrations,
    );
    const process = this.processes.push(acceptor);
    acceptor.onPeer((peer) => {
      world.sessions.set(peer.sid, {
        sid: peer.sid,
        process,
        sent: [],
        received: [],
        delivered: [],
        lastBlip: { client: 0, server: 0 },
        connectedAt: world.clock.now(),
        end: undefined,
        evicted: false,
      });
      this.#watch(peer);
    });
    acceptor.onPeerEnd((peer, end) => {
      const record = this.record(peer);
      if (record.end !== undefined)
        world.violation(3, `session ${short(peer.sid)} ended twice: ${record.end.why}, ${end.why}`);
      record.end = end;
      const away = world.clock.now() - record.connectedAt;
      if (end.why === 'expired' && away < registry.window) {
        world.violation(3, `session ${short(peer.sid)} expired after ${away} ms, the window is ${registry.window}`);
      }
      if (end.why === 'protocol') world.violation(8, `session ${short(peer.sid)} ended by a protocol error`);
      const { unknown, unsent } = end.outbound;
      if (end.why === 'overflow' && !record.evicted && !world.profile.tight && unknown + unsent < 1_000)
        world.violation(3, `session ${short(peer.sid)} overflowed`);
    });
    return acceptor;
  }
}
