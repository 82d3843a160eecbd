import { createClient } from '../../src/client/create-client.ts';
import type { Client, CloseReport, SessionLost } from '../../src/client/client-surface.ts';
import type { ConnectionState } from '../../src/connection/connection-state.ts';
import { HawserError } from '../../src/shared/errors.ts';
import { MemoryNetwork } from '../../src/testing/memory-network.ts';
import { answer, follow } from './answering.ts';
import { bodyOf, contract, topicNames, type Payload } from './payload.ts';
import type { Era, SessionRecord } from './records.ts';
import type { SimServer } from './sim-server.ts';
import { beginStream, produce, readStream } from './streaming.ts';
import { TopicReader } from './topic-reader.ts';
import { short, type World } from './world.ts';

type Status = ConnectionState['status'];

/** The diagram of `connection-state.ts`; `closed` may follow on any. */
const drawn: Readonly<Record<Status, readonly Status[]>> = {
  idle: ['connecting'],
  connecting: ['idle', 'connected', 'reconnecting', 'suspended'],
  connected: ['idle', 'reconnecting', 'suspended'],
  reconnecting: ['idle', 'connected', 'suspended'],
  suspended: ['idle', 'connecting', 'reconnecting'],
  closed: [],
};

/** One client on a network of its own, and what its application did and saw. */
export class SimClient {
  readonly name: string;
  readonly network: MemoryNetwork;
  readonly client: Client<typeof contract>;
  readonly eras: Era[] = [];
  era: Era = newEra([], false);
  /** Who the client says it is; a change between two connections is a change of principal. */
  user: string;
  /** Connections so far that were closed as too big. */
  tooBig = 0;
  /** Runs of `disconnect` and `close` that have not come to their end. */
  leaving = 0;
  /** The server is about to end the session for good. */
  dismissed = false;
  /** Reads so slowly that the server's socket fills up. */
  sluggish = false;
  /** Subscribers of topics; two share the first one. */
  readonly readers: readonly TopicReader[];
  /** Called when the connection changes, for faults that wait for a moment. */
  watch: ((state: ConnectionState) => void) | undefined;
  readonly #world: World;
  readonly #server: SimServer;
  readonly #users = new Map<string, string>();
  #lastUser: string | undefined;
  readonly #over = new Set<string>();
  #state: ConnectionState;
  #sending = false;
  #sid: string | undefined;
  /** A session was lost since the last note. */
  #holed = false;

  constructor(world: World, server: SimServer, name: string) {
    this.#world = world;
    this.#server = server;
    this.name = name;
    this.user = name;
    const { accepts, codec, keeps, overflow, requeueUnsent, handshakeTimeout } = world.profile;
    this.network = new MemoryNetwork(world.clock, [codec.subprotocol], (socket) => server.accept(socket, this));
    this.client = createClient({
      contract,
      url: 'ws://simulation.invalid/',
      auth: () => ({ user: this.user }),
      WebSocket: this.network.socketClass(),
      clock: world.clock,
      codec,
      buffer: keeps,
      limits: accepts,
      overflow,
      requeueUnsent,
      runningHandlers: 1_000,
      reconnect: { connectTimeout: handshakeTimeout, welcomeTimeout: handshakeTimeout },
    });
    this.#state = this.client.state;
    this.client.onState((now, before) => this.#changed(now, before));
    this.client.onSessionLost((lost) => this.#lost(lost));
    this.client.onProblem(({ kind, name: what, error }) => {
      if (kind === 'dropped' && overflow !== 'reject') this.era.drops += 1;
      else world.violation(8, `${name}: ${kind} ${what}: ${error.message}`);
    });
    this.client.on('note', (data, { gap }) => {
      if (gap !== this.#holed) world.violation(3, `${name}: gap is ${gap} at ${data.k}`);
      this.#holed = false;
      this.#delivered(data, (record) => world.arrived('client', record, data));
      this.#react(0.02, () => this.send());
      this.#react(0.001, () => void this.disconnect());
    });
    this.client.on('blip', (data) => this.#delivered(data, (record) => world.blipped('client', record, data)));
    this.client.handle('ask', (data) => {
      this.#delivered(data, (record) => {
        world.arrived('client', record, data);
        world.ran(record, data.k);
      });
      return answer(world, data);
    });
    this.client.handle('flow', (data) => {
      this.#delivered(data, (record) => {
        world.arrived('client', record, data);
        world.ran(record, data.k);
      });
      return produce(world, data);
    });
    this.readers = [1, 1, 2].flatMap((n) => topicNames.map((topic) => new TopicReader(world, server, this, topic, n)));
    if (world.profile.topics) this.subscribe();
  }

  /** Subscribes to every topic. */
  subscribe(): void {
    for (const reader of this.readers) reader.begin();
  }

  get connected(): boolean {
    return this.#state.status === 'connected';
  }

  send(name: 'note' | 'blip' = 'note'): void {
    const k = this.#world.nextNumber();
    this.#sending = true;
    try {
      this.client.send(name, this.#payload(k), name === 'blip' ? { whenOffline: 'drop' } : {});
      if (name === 'note') this.era.items.push(k);
    } catch (error) {
      const full = error instanceof HawserError && error.code === 'QUEUE_FULL' && this.#mayBeFull;
      if (!full) this.#world.violation(8, `${this.name}: send threw ${String(error)}`);
    } finally {
      this.#sending = false;
    }
  }

  ask(): void {
    const { random } = this.#world;
    const k = this.#world.nextNumber();
    // Not by chance, which would change the script of every seed.
    const name = k % 2 === 0 ? 'order' : 'ask';
    const call = this.#world.beginCall('client', k, name === 'order');
    const timeout = random.pick([1_000, 8_000, 60_000]);
    const stop = random.chance(0.1) ? new AbortController() : undefined;
    const options = stop === undefined ? { timeout } : { timeout, signal: stop.signal };
    this.era.items.push(k);
    this.#sending = true;
    void follow(this.#world, call, this.client.safeCall(name, this.#payload(k), options));
    this.#sending = false;
    if (stop !== undefined) this.#world.clock.setTimer(() => stop.abort(), random.int(0, 2_000));
  }

  read(): void {
    const k = this.#world.nextNumber();
    const record = beginStream(this.#world, 'client', k);
    this.era.items.push(k);
    this.#sending = true;
    readStream(this.#world, record, (how) => this.client.stream('flow', this.#payload(k), how));
    this.#sending = false;
  }

  async disconnect(): Promise<void> {
    this.leaving += 1;
    await this.client.disconnect();
    this.leaving -= 1;
  }

  async close(drain: number): Promise<void> {
    this.leaving += 1;
    this.#excuse();
    const report = await this.client.close({ drain });
    this.#endEra('closed', [], { report });
  }

  /** Invariant 6: what the server was not given yet is kept, and no more of it than the bounds allow. */
  inspect(): void {
    const { queueCount, replayCount } = this.#world.profile.keeps;
    const received = this.era.sid === undefined ? 0 : (this.#world.sessions.get(this.era.sid)?.received.length ?? 0);
    const gone = this.era.items.filter((k) => this.#world.calls.get(k)?.outcome !== undefined).length;
    const kept = this.era.items.length - received - this.era.drops - gone;
    if (kept > queueCount + replayCount && !this.era.loose)
      this.#world.violation(6, `${this.name} keeps ${kept} items`);
  }

  /** Does something inside a listener; not while this end is sending, or numbers would not be in order of sending. */
  #react(share: number, what: () => void): void {
    if (this.#sending || this.leaving > 0 || this.client.state.status === 'closed') return;
    if (this.#world.reacts(share)) what();
  }

  /** The default bounds are met only in long outages. */
  get #mayBeFull(): boolean {
    const received = this.#world.sessions.get(this.era.sid ?? '')?.received.length ?? 0;
    return this.#world.profile.tight || this.era.items.length - received > 1_000;
  }

  #payload(k: number): Payload {
    const sid = this.client.sessionId;
    return sid === undefined ? { k, body: bodyOf(k) } : { k, sid, body: bodyOf(k) };
  }

  #delivered(data: Payload, judge: (record: SessionRecord) => void): void {
    const sid = this.client.sessionId;
    const record = this.#world.sessions.get(sid ?? '');
    if (record === undefined) this.#world.violation(1, `${this.name} was given ${data.k} outside of any session`);
    else if (data.sid !== undefined && data.sid !== sid) {
      this.#world.violation(
        1,
        `${this.name} was given ${data.k} of session ${short(data.sid)} in session ${short(sid)}`,
      );
    } else judge(record);
  }

  #changed(now: ConnectionState, before: ConnectionState): void {
    const { counts } = this.#world;
    if (before !== this.#state) this.#world.violation(7, `${this.name}: a state was left that was never entered`);
    const legal = now.status === before.status || now.status === 'closed' || drawn[before.status].includes(now.status);
    if (!legal || before.status === 'closed') {
      this.#world.violation(7, `${this.name} went from ${before.status} to ${now.status}`);
    }
    this.#state = now;
    const lost = now.status === 'reconnecting' && now.phase === 'waiting';
    if (before.status === 'connected' && lost) counts.disconnects += 1;
    if (lost && 'phase' in before && before.phase === 'greeting') counts.brokenHandshakes += 1;
    if (now.status === 'connected' && before.status !== 'connected') this.#connected(now.resumed);
    if (now.status === 'idle') this.#left();
    if (now.status === 'idle' || now.status === 'closed') this.#excuse();
    if (now.status === 'closed' && now.reason !== (this.dismissed ? 'server' : 'client')) {
      this.#world.violation(7, `${this.name} closed: ${now.reason}, ${now.error?.message ?? ''}`);
    }
    this.watch?.(now);
    this.#react(0.05, () => this.send());
  }

  #connected(resumed: boolean): void {
    const sid = this.client.sessionId as string;
    if (resumed) this.#world.counts.resumes += 1;
    if (resumed !== (sid === this.#sid)) {
      this.#world.violation(3, `${this.name}: resumed is ${resumed}, session ${short(this.#sid)} became ${short(sid)}`);
    }
    if (this.#sid !== undefined && this.#sid !== sid && !this.#over.has(this.#sid)) {
      this.#world.violation(3, `${this.name}: session ${short(this.#sid)} is gone and nobody was told`);
    }
    // Whatever ended the session before: what may have run as one user is not asked again as another.
    if (this.#lastUser !== undefined && this.#lastUser !== this.user) this.#excuse();
    this.#lastUser = this.user;
    this.#sid = sid;
    this.era.sid = sid;
    this.#users.set(sid, this.user);
  }

  #lost({ sessionId: sid, why, outbound, requeued }: SessionLost): void {
    const { counts } = this.#world;
    counts.losses += 1;
    counts.causes = { ...counts.causes, [why]: (counts.causes[why] ?? 0) + 1 };
    this.#holed = true;
    if (this.#over.has(sid)) this.#world.violation(3, `${this.name}: the end of session ${short(sid)} was told twice`);
    if (sid !== this.#sid)
      this.#world.violation(3, `${this.name}: session ${short(sid)} was lost, it was in ${short(this.#sid)}`);
    if (!this.#hasCause(sid, why))
      this.#world.violation(3, `${this.name}: session ${short(sid)} was lost without cause: ${why}`);
    this.#over.add(sid);
    const numbers = (items: SessionLost['outbound']['unknown']): number[] =>
      items.map(({ data }) => (data as Payload).k);
    const unsent = numbers(outbound.unsent);
    const loss = { why, acked: outbound.acked, unknown: numbers(outbound.unknown), unsent, requeued };
    const ends = /principal|poison|closed|disconnected/.test(why);
    if (ends) this.#excuse();
    const again = (k: number): boolean => !ends && this.#isOpenOrder(k);
    const left = this.era.items.filter((k) => again(k) && !unsent.includes(k));
    this.#endEra('lost', [...left, ...(requeued ? unsent : unsent.filter(again))], { loss });
    this.#react(1, () => this.send());
    this.#react(0.2, () => void this.disconnect());
  }

  /** After `disconnect`. Nothing outstanding was lost, or it would have been told; what never left waits for the next session. */
  #left(): void {
    // `leave` follows on the state; a loss told by it ends the era first.
    this.#world.clock.defer(() => {
      if (this.#sid === undefined || this.#over.has(this.#sid)) return;
      this.#over.add(this.#sid);
      const received = new Set(this.#world.sessions.get(this.#sid)?.received);
      this.#endEra(
        'left',
        this.era.items.filter((k) => !received.has(k)),
      );
    });
  }

  #endEra(end: Era['end'], next: number[], more: Pick<Era, 'loss' | 'report'> | { report: CloseReport } = {}): void {
    const { drops, loose } = this.era;
    this.eras.push(Object.assign(this.era, more, { end }));
    this.era = newEra(
      next,
      end === 'left' && (loose || drops > 0),
      next.filter((k) => this.#world.calls.get(k)?.idempotent),
    );
  }

  /** Whether it is a call that is asked again when the session is lost. */
  #isOpenOrder(k: number): boolean {
    const call = this.#world.calls.get(k);
    return call !== undefined && call.idempotent && call.outcome === undefined;
  }

  /** What is open now is not asked again. */
  #excuse(): void {
    for (const k of this.era.items) {
      const call = this.#world.calls.get(k);
      if (call?.outcome === undefined && call !== undefined) call.excused = true;
    }
  }

  #hasCause(sid: string, why: SessionLost['why']): boolean {
    const record = this.#world.sessions.get(sid);
    if (record === undefined) return false;
    switch (why) {
      case 'unknown':
        return record.process < this.#server.processes.length || record.end?.why === 'poison';
      case 'expired':
        return record.end?.why === why;
      case 'overflow':
        // Answers to the server's calls may be too many for the client, too.
        return this.#world.profile.tight || record.evicted;
      case 'principal':
        return this.#users.get(sid) !== this.user;
      case 'poison':
        return this.tooBig >= 2;
      case 'disconnected':
        return this.leaving > 0;
      case 'closed':
        return record.end?.why === 'server';
      default:
        return false;
    }
  }
}

function newEra(items: number[], loose: boolean, again: readonly number[] = []): Era {
  return { items: [...items], sid: undefined, again: new Set(again), drops: 0, loose, end: 'live' };
}
