/** Who subscribed to what, for servers that have nothing of the kind themselves. */
export class TopicSets<Subscriber> {
  readonly #topics = new Map<string, Set<Subscriber>>();

  add(topic: string, subscriber: Subscriber): void {
    let all = this.#topics.get(topic);
    if (all === undefined) this.#topics.set(topic, (all = new Set()));
    all.add(subscriber);
  }

  /** Takes one who is gone out of every topic. */
  remove(subscriber: Subscriber): void {
    for (const all of this.#topics.values()) all.delete(subscriber);
  }

  of(topic: string): Iterable<Subscriber> {
    return this.#topics.get(topic) ?? [];
  }
}
