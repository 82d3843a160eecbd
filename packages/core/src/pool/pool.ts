import type { CloseReport, SessionLost } from '../client/client-surface.ts';
import { resolveOptions } from '../client/resolve-options.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { defaultSocket } from '../driver/default-socket.ts';
import { problem } from '../peer/problem.ts';
import type { Problem } from '../peer/peer-surface.ts';
import { systemError } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';
import { Listeners } from '../shared/listeners.ts';
import type { SharedRoom } from '../session/send-limits.ts';
import { DialGate } from './dial-gate.ts';
import type { DialPermit } from './dial-permit.ts';
import { FairRate } from './fair-rate.ts';
import { PooledClient, type PooledHost } from './pooled-client.ts';
import type { PoolState } from './pool-surface.ts';
import type { ResolvedPoolOptions } from './resolve-pool-options.ts';

/** How long a client nobody leases waits for acks before it closes, milliseconds. */
const retireDrain = 5_000;

/** A client and who uses it. */
interface Member {
  readonly client: PooledClient;
  leases: number;
  /** When it closes, unless somebody leases it, epoch milliseconds. */
  idleAt: number;
  unlisten: (() => void) | undefined;
}

type Events = {
  problem: [problem: Problem, key: string];
  lost: [lost: SessionLost, key: string];
};

/** Clients by key, and what they share; {@link Pool} is its typed face. */
export class HawserPool implements PooledHost, AsyncDisposable {
  readonly #options: ResolvedPoolOptions;
  readonly #members = new Map<string, Member>();
  /** Those nobody leases, longest ago first. */
  readonly #idle = new Set<Member>();
  readonly #ending = new Set<Promise<CloseReport>>();
  readonly #gate: DialGate<DialPermit>;
  readonly #rate: FairRate<PooledClient> | undefined;
  readonly #listeners: Listeners<Events>;
  readonly #room: { keptBytes: number; readonly memory: number };
  #timer: unknown;
  #timerAt = Infinity;
  /** False from the first moment of the close, in which listeners run already. */
  #open = true;
  #closing: Promise<CloseReport> | undefined;

  constructor(options: ResolvedPoolOptions) {
    const { clock, sends, dials, dialsAtOnce, memory } = options;
    const now = clock.now();
    this.#options = options;
    this.#gate = new DialGate(dialsAtOnce, dials, now);
    this.#rate = sends && new FairRate(sends, now);
    this.#room = { keptBytes: 0, memory };
    this.#listeners = new Listeners<Events>((name, cause) => {
      const found = problem('handler-error', '', 'INTERNAL', explain && 'A listener of the pool threw.', { cause });
      if (name === 'problem') complain(found, '');
      else this.#report(found, '');
    });
  }

  get size(): number {
    return this.#members.size;
  }

  get keptBytes(): number {
    return this.#room.keptBytes;
  }

  get state(): PoolState {
    const counts = { idle: 0, connecting: 0, connected: 0, reconnecting: 0, suspended: 0, closed: 0 };
    for (const { client } of this.#members.values()) counts[client.state.status] += 1;
    return counts;
  }

  onProblem(listener: (...args: Events['problem']) => void): () => void {
    const stop = this.#listeners.add('problem', listener);
    for (const member of this.#members.values()) this.#listen(member);
    return () => {
      stop();
      // A client whose problems nobody hears says so on the console.
      if (!this.#listeners.has('problem')) for (const member of this.#members.values()) this.#unlisten(member);
    };
  }

  onSessionLost(listener: (...args: Events['lost']) => void): () => void {
    return this.#listeners.add('lost', listener);
  }

  client(key: string): object {
    if (!this.#open) {
      const text = explain && 'The pool is closed; make a new one with createPool().';
      throw systemError('UNAVAILABLE', text, { retryable: false });
    }
    const member = this.#members.get(key) ?? this.#join(key);
    member.leases += 1;
    this.#idle.delete(member);
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      member.leases -= 1;
      if (member.leases === 0) this.#rest(member);
    };
    return { key, client: member.client, release, [Symbol.dispose]: release };
  }

  close(how?: { readonly drain?: number }): Promise<CloseReport> {
    this.#closing ??= this.#shut(how?.drain ?? 0);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // What its clients ask.

  kept(client: PooledClient): SharedRoom {
    const { keptBytes } = client;
    this.#room.keptBytes += keptBytes - client.counted;
    client.counted = keptBytes;
    return this.#room;
  }

  maySend(client: PooledClient): boolean {
    if (this.#rate === undefined || this.#rate.take(client, this.#now())) return true;
    this.#arm();
    return false;
  }

  maySendVolatile(): boolean {
    return this.#rate === undefined || this.#rate.tryTake(this.#now());
  }

  enter(permit: DialPermit): void {
    this.#gate.enter(permit);
    this.#admit();
  }

  leave(permit: DialPermit): void {
    permit.end();
    this.#gate.leave(permit);
    this.#admit();
  }

  changed(client: PooledClient, now: ConnectionState): void {
    this.kept(client);
    if (now.status === 'closed') this.#rate?.leave(client);
  }

  forget(client: PooledClient): void {
    const member = this.#members.get(client.key);
    if (member?.client !== client) return;
    this.#members.delete(client.key);
    this.#idle.delete(member);
  }

  closing(ending: Promise<CloseReport>): void {
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  #now(): number {
    return this.#options.clock.now();
  }

  #join(key: string): Member {
    const { maxClients, contract, client: optionsOf, clock } = this.#options;
    const [oldest] = this.#idle;
    if (this.#members.size >= maxClients) {
      if (oldest === undefined) {
        const text =
          explain &&
          `"${key}" got no client: ${maxClients} are leased. Release one, or raise the pool's \`maxClients\`.`;
        throw systemError('UNAVAILABLE', text, { data: { maxClients } });
      }
      this.#retire(oldest);
    }
    const client = new PooledClient(key, resolveOptions({ ...optionsOf(key), contract, clock }, defaultSocket), this);
    const member: Member = { client, leases: 0, idleAt: Infinity, unlisten: undefined };
    client.onSessionLost((lost) => this.#listeners.tell('lost', lost, key));
    this.#members.set(key, member);
    if (this.#listeners.has('problem')) this.#listen(member);
    return member;
  }

  /** Nobody leases it any more. */
  #rest(member: Member): void {
    if (this.#members.get(member.client.key) !== member || !this.#open) return;
    member.idleAt = this.#now() + this.#options.idleTimeout;
    this.#idle.add(member);
    this.#arm();
  }

  /** Closes a client nobody leases; a new one may take its key at once. */
  #retire(member: Member): void {
    const { client } = member;
    void client.close({ drain: retireDrain }).then(({ unacknowledged, unsent }) => {
      if (unacknowledged + unsent === 0) return;
      const text =
        explain &&
        `The client was released and closed with ${unsent} messages unsent and ${unacknowledged} unacknowledged. ` +
          'Release it when they are acknowledged, or raise `idleTimeout`.';
      const data = { unacknowledged, unsent };
      this.#report(problem('dropped', '', 'SESSION_LOST', text, { data }), client.key);
    });
  }

  async #shut(drain: number): Promise<CloseReport> {
    this.#open = false;
    for (const { client } of this.#members.values()) void client.close({ drain });
    const reports = await Promise.all(this.#ending);
    this.#options.clock.clearTimer(this.#timer);
    this.#timerAt = -Infinity;
    this.#listeners.clear();
    const sum = (of: keyof CloseReport): number => reports.reduce((total, report) => total + report[of], 0);
    return { unacknowledged: sum('unacknowledged'), unsent: sum('unsent') };
  }

  #listen(member: Member): void {
    const { client } = member;
    member.unlisten ??= client.onProblem((found) => this.#report(found, client.key));
  }

  #unlisten(member: Member): void {
    member.unlisten?.();
    member.unlisten = undefined;
  }

  #report(found: Problem, key: string): void {
    if (this.#listeners.has('problem')) this.#listeners.tell('problem', found, key);
    else complain(found, key);
  }

  #admit(): void {
    for (const permit of this.#gate.admit(this.#now())) permit.admit();
    this.#arm();
  }

  #arm(): void {
    const [oldest] = this.#idle;
    const at = Math.min(oldest?.idleAt ?? Infinity, this.#gate.deadline, this.#rate?.deadline ?? Infinity);
    // One that rings early finds nothing to do, so it is moved to an earlier instant only.
    if (at >= this.#timerAt) return;
    const { clock } = this.#options;
    clock.clearTimer(this.#timer);
    this.#timerAt = at;
    this.#timer = clock.setTimer(this.#ring, Math.min(Math.max(0, Math.ceil(at - clock.now())), 2_000_000_000));
  }

  /** What those did not take who went away meanwhile is for the next in line, at once. */
  #settle(): void {
    this.#rate?.settle();
    this.#arm();
  }

  readonly #ring = (): void => {
    this.#timerAt = Infinity;
    const now = this.#now();
    for (const member of this.#idle) {
      if (member.idleAt > now) break;
      this.#retire(member);
    }
    const lucky = this.#rate?.grant(now) ?? [];
    for (const client of lucky) client.wake();
    // After their turns, which were deferred before.
    if (lucky.length > 0) this.#options.clock.defer(() => this.#settle());
    this.#admit();
  };
}

/** Nobody listens for problems: a swallowed error would be worse than a line on the console. */
function complain({ kind, error }: Problem, key: string): void {
  // oxlint-disable-next-line no-console
  console.error(`[hawser] pool, ${kind} "${key}": ${error.message}`, error.cause ?? '');
}
