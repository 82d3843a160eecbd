import type { ResumeRefusal, ResumeRequest } from '../wire/frame.ts';

/** Bounds of what a server remembers. Durations in milliseconds, sizes in bytes. */
export interface RegistryLimits {
  /** How long a session without connection is kept. */
  readonly window: number;
  /** Sessions at once, attached and detached. */
  readonly sessions: number;
  /** What all detached sessions together may hold. */
  readonly detachedBytes: number;
}

/** What the registry needs to know of a session. */
export interface RegisteredSession {
  readonly sid: string;
  /** Who it belongs to; the same on every resume. */
  readonly principal: string;
  /** Bytes it keeps for sending. */
  readonly keptBytes: number;
  /** Whether it could go on from these positions. */
  canResume(recv: number, first: number): boolean;
}

interface Entry<S> {
  readonly session: S;
  /** Attempt number of the last attach. */
  n: number;
  /** Hash of the token the client presented last. */
  presented: string | undefined;
  /** Hash of the token issued last. */
  issued: string;
  /** When it expires; `Infinity` while attached. */
  expiresAt: number;
  /** What it was last counted with among the detached. */
  counted: number;
}

/** Answer to a resume request: go on, a fresh session is due, or the socket is an abandoned one. */
export type ResumeVerdict<S> =
  | { readonly kind: 'resumed'; readonly session: S }
  | { readonly kind: 'refused'; readonly why: ResumeRefusal }
  | { readonly kind: 'stale' };

/** Sessions a refusal can still be explained for. */
const maxTombstones = 10_000;

/**
 * Which sessions exist, who may resume them, and which must go; `protocol/README.md` section 3, rules 3-5 and 9.
 *
 * A resume is decided and recorded in one synchronous step, so that of two sockets exactly one wins.
 */
export class SessionRegistry<S extends RegisteredSession> {
  readonly #limits: RegistryLimits;
  readonly #hash: (token: string) => string;
  #entries = new Map<string, Entry<S>>();
  /** Detached sessions, longest detached first (insertion order). */
  #detached = new Map<string, Entry<S>>();
  #detachedBytes = 0;
  /** Why a session ended, and a hash of whose it was. */
  #tombstones = new Map<string, readonly [why: ResumeRefusal, owner: string]>();

  /** @param hash - one-way: only hashes of tokens are kept */
  constructor(limits: RegistryLimits, hash: (token: string) => string) {
    this.#limits = limits;
    this.#hash = hash;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Bytes held by detached sessions. */
  get detachedBytes(): number {
    return this.#detachedBytes;
  }

  /** When {@link SessionRegistry.expire} has something to do. */
  get deadline(): number {
    for (const entry of this.#detached.values()) return entry.expiresAt;
    return Number.POSITIVE_INFINITY;
  }

  /** Whether one more session may be created. */
  get hasRoom(): boolean {
    return this.#entries.size < this.#limits.sessions;
  }

  /** Makes room for one more session; returns the one that must go for it, the one detached longest. */
  makeRoom(): S[] {
    if (this.hasRoom) return [];
    for (const { session } of this.#detached.values()) {
      this.remove(session.sid, 'overflow');
      return [session];
    }
    return [];
  }

  /** Enters a new, attached session. */
  add(session: S, token: string): void {
    this.#entries.set(session.sid, {
      session,
      n: 0,
      presented: undefined,
      issued: this.#hash(token),
      expiresAt: Number.POSITIVE_INFINITY,
      counted: 0,
    });
  }

  /** Decides a resume; when it succeeds, `nextToken` is the one issued with this welcome. */
  resume(request: ResumeRequest, principal: string, nextToken: string): ResumeVerdict<S> {
    const entry = this.#entries.get(request.sid);
    const hash = this.#hash(request.tok);
    if (entry === undefined) {
      const [why, owner] = this.#tombstones.get(request.sid) ?? ['unknown'];
      // However the session ended: a client that did not learn of its new user would repeat calls in another's name.
      const foreign = owner !== undefined && owner !== this.#hash(principal);
      return { kind: 'refused', why: foreign ? 'principal' : why };
    }
    const isIssued = sameText(hash, entry.issued);
    const isPresented = entry.presented !== undefined && sameText(hash, entry.presented);
    // A wrong token learns nothing: neither that the session exists nor who owns it.
    if (!isIssued && !isPresented) return { kind: 'refused', why: 'unknown' };
    if (principal !== entry.session.principal) return { kind: 'refused', why: 'principal' };
    if (request.n <= entry.n) return { kind: 'stale' };
    if (!entry.session.canResume(request.recv, request.first)) return { kind: 'refused', why: 'overflow' };
    entry.n = request.n;
    entry.presented = hash;
    entry.issued = this.#hash(nextToken);
    entry.expiresAt = Number.POSITIVE_INFINITY;
    this.#uncount(entry);
    return { kind: 'resumed', session: entry.session };
  }

  /** The session lost its connection; returns those that must go to keep within the memory bound, oldest first. */
  detach(sid: string, now: number): S[] {
    const entry = this.#entries.get(sid);
    if (entry === undefined) return [];
    this.#uncount(entry);
    entry.expiresAt = now + this.#limits.window;
    this.#detached.set(sid, entry);
    return this.recount(sid);
  }

  /** A detached session holds more than before; returns those that must go, oldest first. */
  recount(sid: string): S[] {
    const entry = this.#detached.get(sid);
    if (entry === undefined) return [];
    const bytes = entry.session.keptBytes;
    this.#detachedBytes += bytes - entry.counted;
    entry.counted = bytes;
    const evicted: S[] = [];
    for (const oldest of this.#detached.values()) {
      if (this.#detachedBytes <= this.#limits.detachedBytes) break;
      evicted.push(oldest.session);
      this.remove(oldest.session.sid, 'overflow');
    }
    return evicted;
  }

  /** Removes and returns the sessions whose window has passed. */
  expire(now: number): S[] {
    const expired: S[] = [];
    for (const entry of this.#detached.values()) {
      if (entry.expiresAt > now) break;
      expired.push(entry.session);
      this.remove(entry.session.sid, 'expired');
    }
    return expired;
  }

  /** Forgets a session; later resumes are told `why`. */
  remove(sid: string, why: ResumeRefusal): void {
    const entry = this.#entries.get(sid);
    if (entry === undefined) return;
    this.#uncount(entry);
    this.#entries.delete(sid);
    this.#tombstones.set(sid, [why, this.#hash(entry.session.principal)]);
    if (this.#tombstones.size <= maxTombstones) return;
    for (const oldest of this.#tombstones.keys()) {
      this.#tombstones.delete(oldest);
      break;
    }
  }

  #uncount(entry: Entry<S>): void {
    if (!this.#detached.delete(entry.session.sid)) return;
    this.#detachedBytes -= entry.counted;
    entry.counted = 0;
  }
}

/** Compares without telling by its duration where the texts differ. */
function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % Math.max(1, b.length));
  return difference === 0;
}
