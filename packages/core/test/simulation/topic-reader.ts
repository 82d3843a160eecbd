import type { Client, Subscription, TopicMeta } from '../../src/index.ts';
import type { contract, TopicName, TopicPayload } from './payload.ts';
import type { World } from './world.ts';

/** Whose subscriber it is. */
interface Owner {
  readonly name: string;
  readonly client: Client<typeof contract>;
}

/** Who knows what was published in the present process. */
interface Publisher {
  published(name: TopicName, n: number): { last: TopicPayload; about: ReadonlyMap<string, number> } | undefined;
}

/** One subscriber of one topic, and what its application was told; judges it as it comes (invariant 12). */
export class TopicReader {
  readonly #world: World;
  readonly #server: Publisher;
  readonly #client: Owner;
  readonly #name: TopicName;
  readonly #n: number;
  #subscription: Subscription | undefined;
  /** The message before; nothing is known before the first. */
  #last: TopicPayload | undefined;
  /** From here on nothing is missing: since it began, or since it was last told of a gap. */
  #wholeFrom = 0;
  /** Latest message about each thing. */
  readonly #latest = new Map<string, number>();

  constructor(world: World, server: Publisher, client: Owner, name: TopicName, n: number) {
    this.#world = world;
    this.#server = server;
    this.#client = client;
    this.#name = name;
    this.#n = n;
  }

  get #who(): string {
    return `${this.#client.name}, topic ${this.#name} ${this.#n}`;
  }

  get isReading(): boolean {
    return this.#subscription !== undefined;
  }

  begin(): void {
    if (this.isReading || this.#client.client.state.status === 'closed') return;
    this.#last = undefined;
    this.#latest.clear();
    this.#subscription = this.#client.client.topic(this.#name, { n: this.#n }).subscribe({
      next: (data, meta) => this.#next(data, meta),
      error: (error) => this.#world.violation(12, `${this.#who} ended with ${String(error)}`),
      complete: () => {
        if (this.#client.client.state.status !== 'closed')
          this.#world.violation(12, `${this.#who} is complete, and nobody ended it`);
      },
    });
  }

  leave(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  /** After faults stopped: it is live, and has the last message, or if it may have missed that, what is retained. */
  judgeEnd(retainedOnly: boolean): void {
    if (!this.isReading) return;
    const { status, data } = this.#client.client.topic(this.#name, { n: this.#n }).getSnapshot();
    if (status !== 'live') this.#world.violation(12, `${this.#who} is ${status} when faults are over`);
    const published = this.#server.published(this.#name, this.#n);
    if (published === undefined || (retainedOnly && !/last|log/.test(this.#name))) return;
    const [{ process, p }, about] = [published.last, published.about];
    if (data?.process !== process || data.p !== p) {
      this.#world.violation(12, `${this.#who} has ${data?.process}/${data?.p}, last published was ${process}/${p}`);
    }
    if (this.#name !== 'quotes') return;
    for (const [thing, last] of about) {
      if (last >= this.#wholeFrom && this.#latest.get(thing) !== last)
        this.#world.violation(12, `${this.#who} has ${this.#latest.get(thing)} about ${thing}, last was ${last}`);
    }
  }

  #next(data: TopicPayload, { gap }: TopicMeta): void {
    const { process, p, about } = data;
    const before = this.#last;
    this.#last = data;
    this.#world.counts.topicMessages += 1;
    if (gap || before === undefined || before.process !== process) {
      this.#wholeFrom = p;
      this.#latest.clear();
    }
    this.#latest.set(about, p);
    if (gap) this.#world.counts.topicGaps += 1;
    if (before === undefined) return;
    const to = `${this.#who} was given ${process}/${p} after ${before.process}/${before.p}`;
    if (before.process !== process) {
      if (!gap || process < before.process) this.#world.violation(12, `${to}, gap is ${gap}`);
      return;
    }
    if (p <= before.p) this.#world.violation(12, to);
    const hole = p > before.p + 1;
    // What later messages took the place of is not missing; judged in the end.
    if (this.#name === 'quotes' ? gap && !hole : gap !== hole) this.#world.violation(12, `${to}, gap is ${gap}`);
  }
}
