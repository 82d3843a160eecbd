/** Bounds of the answers a server keeps for repeated calls. Durations in milliseconds, sizes in bytes. */
export interface AnswerLimits {
  /** Calls with a key, running or answered, of all users together. */
  readonly count: number;
  /** The same of one user, so that nobody can push out the answers of others. */
  readonly each: number;
  /** What all kept answers may take together. */
  readonly bytes: number;
  /** How long an answer is kept. */
  readonly age: number;
}

/** One keyed call: running until it has an answer. */
export interface KeyedCall<Asker, Answer> {
  /** The user, and what the user named. */
  readonly owner: string;
  readonly key: string;
  /** Of the input; another one under the same key is another call. */
  readonly fingerprint: string;
  /** Whose handler runs. */
  readonly runner: Asker;
  /** Who wants the answer, the runner included while it does. */
  readonly askers: Set<Asker>;
  answer: Answer | undefined;
  /** When the answer is forgotten; `Infinity` while it runs. */
  expiresAt: number;
}

/** What is to be done about a call: run it, let it wait for the one that runs, repeat the answer, or refuse. */
export type AnswerVerdict<Asker, Answer> =
  | { readonly kind: 'run' | 'wait'; readonly call: KeyedCall<Asker, Answer> }
  | { readonly kind: 'repeat'; readonly answer: Answer }
  | { readonly kind: 'conflict' | 'full' };

/**
 * Which calls with an idempotency key run, and how those that ended were answered; `protocol/README.md` section 4.1.
 *
 * Every entry belongs to a user, and no other user can find it. What runs is never forgotten; of what was answered, the
 * oldest goes first.
 */
export class AnswerTable<Asker, Answer extends { readonly bytes: number }> {
  readonly #limits: AnswerLimits;
  readonly #owners = new Map<string, Map<string, KeyedCall<Asker, Answer>>>();
  /** Oldest answer first. */
  readonly #answered = new Set<KeyedCall<Asker, Answer>>();
  /** What the kept answers of a user take. */
  readonly #ownBytes = new Map<string, number>();
  /** Users whose answers take more than their share; theirs go first. */
  readonly #heavy = new Set<string>();
  readonly #share: number;
  #size = 0;
  #bytes = 0;

  constructor(limits: AnswerLimits) {
    this.#limits = limits;
    this.#share = limits.bytes * Math.min(1, limits.each / limits.count);
  }

  /** Calls that run or are remembered. */
  get size(): number {
    return this.#size;
  }

  /** What the kept answers take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Decides about one call, and enters it when it is to run or to wait. */
  ask(owner: string, key: string, fingerprint: string, asker: Asker, now: number): AnswerVerdict<Asker, Answer> {
    this.#expire(now);
    const found = this.#owners.get(owner)?.get(key);
    if (found !== undefined) {
      if (found.fingerprint !== fingerprint) return { kind: 'conflict' };
      if (found.answer !== undefined) return { kind: 'repeat', answer: found.answer };
      found.askers.add(asker);
      return { kind: 'wait', call: found };
    }
    if (!this.#makeRoom(owner)) return { kind: 'full' };
    const call: KeyedCall<Asker, Answer> = {
      owner,
      key,
      fingerprint,
      runner: asker,
      askers: new Set([asker]),
      answer: undefined,
      expiresAt: Infinity,
    };
    const own = this.#owners.get(owner) ?? new Map<string, KeyedCall<Asker, Answer>>();
    this.#owners.set(owner, own.set(key, call));
    this.#size += 1;
    return { kind: 'run', call };
  }

  /** The call ended. Its answer is kept, when there is one and it fits; otherwise the next call with its key runs. */
  settle(call: KeyedCall<Asker, Answer>, answer: Answer | undefined, now: number): void {
    this.#expire(now);
    this.#forget(call);
    if (answer === undefined || answer.bytes > this.#limits.bytes) return;
    call.answer = answer;
    call.expiresAt = now + this.#limits.age;
    // Entered anew, so that the answers of a user stand in order of their age as well.
    const own = this.#owners.get(call.owner) ?? new Map<string, KeyedCall<Asker, Answer>>();
    this.#owners.set(call.owner, own.set(call.key, call));
    this.#size += 1;
    this.#weigh(call.owner, answer.bytes);
    this.#answered.add(call);
    // Nobody pushes out the answers of others with large ones.
    for (const heavy of this.#heavy) this.#lighten(this.#owners.get(heavy)?.values() ?? [], heavy);
    this.#lighten(this.#answered);
  }

  /** Forgets answers until the rest fits, or their user takes no more than a share. */
  #lighten(calls: Iterable<KeyedCall<Asker, Answer>>, heavy?: string): void {
    for (const oldest of calls) {
      if (this.#bytes <= this.#limits.bytes || (heavy !== undefined && !this.#heavy.has(heavy))) return;
      if (oldest.answer !== undefined) this.#forget(oldest);
    }
  }

  #weigh(owner: string, bytes: number): void {
    this.#bytes += bytes;
    const own = (this.#ownBytes.get(owner) ?? 0) + bytes;
    if (own > 0) this.#ownBytes.set(owner, own);
    else this.#ownBytes.delete(owner);
    if (own > this.#share) this.#heavy.add(owner);
    else this.#heavy.delete(owner);
  }

  /** Makes room for one more call of this user; false when everything runs. */
  #makeRoom(owner: string): boolean {
    const own = this.#owners.get(owner);
    if (own !== undefined && own.size >= this.#limits.each) {
      // Handlers that run at once are few, so the first that is answered is near.
      const oldest = firstAnswered(own.values());
      if (oldest === undefined) return false;
      this.#forget(oldest);
    }
    if (this.#size < this.#limits.count) return true;
    for (const oldest of this.#answered) {
      this.#forget(oldest);
      return true;
    }
    return false;
  }

  #expire(now: number): void {
    for (const oldest of this.#answered) {
      if (oldest.expiresAt > now) return;
      this.#forget(oldest);
    }
  }

  #forget(call: KeyedCall<Asker, Answer>): void {
    const own = this.#owners.get(call.owner);
    if (own?.get(call.key) !== call) return;
    own.delete(call.key);
    if (own.size === 0) this.#owners.delete(call.owner);
    this.#size -= 1;
    if (this.#answered.delete(call)) this.#weigh(call.owner, -(call.answer?.bytes ?? 0));
  }
}

function firstAnswered<Asker, Answer>(calls: Iterable<KeyedCall<Asker, Answer>>): KeyedCall<Asker, Answer> | undefined {
  for (const call of calls) if (call.answer !== undefined) return call;
  return undefined;
}
