import type { Arena } from './arena.ts';
import type { ArenaClient } from './arena-client.ts';
import { pace } from './soak/pace.ts';
import { until } from './until.ts';

/** Somebody who works all the time on the same server, and must not notice what is done to others. */
export class Bystander {
  readonly #arena: Arena;
  readonly #client: ArenaClient;
  readonly #session: string;
  readonly #stop: () => void;
  readonly #latencies: number[] = [];
  readonly #failures: string[] = [];
  #sent = 0;
  #answered = 0;

  private constructor(arena: Arena, client: ArenaClient) {
    this.#arena = arena;
    this.#client = client;
    this.#session = client.client.sessionId ?? '';
    const peer = arena.server.peers.get(this.#session);
    this.#stop = pace(100, () => {
      this.#sent += 1;
      const n = this.#sent;
      peer?.send('news', { n });
      void this.#ask(n);
    });
  }

  /** Connects past the proxy and starts working. */
  static async start(arena: Arena): Promise<Bystander> {
    const client = arena.client({ auth: 'bystander' }, arena.directUrl);
    await client.client.connect();
    return new Bystander(arena, client);
  }

  async #ask(n: number): Promise<void> {
    const at = performance.now();
    try {
      const answer = await this.#client.client.call('echo', { n });
      this.#latencies.push(performance.now() - at);
      if (answer.n !== n) this.#failures.push(`${n} was answered with ${answer.n}`);
      this.#answered += 1;
    } catch (error) {
      this.#failures.push(String(error));
    }
  }

  /** Stops working; returns everything it noticed. */
  async stop(): Promise<string[]> {
    this.#stop();
    await until(
      'the bystander has got everything',
      () => this.#answered + this.#failures.length >= this.#sent && this.#client.inbox.length >= this.#sent,
      undefined,
      () => ({ sent: this.#sent, answered: this.#answered, inbox: this.#client.inbox.length }),
    );
    const noticed = [...this.#failures];
    const inOrder = (list: readonly number[]): boolean =>
      list.length === this.#sent && list.every((n, i) => n === i + 1);
    if (!inOrder(this.#client.inbox)) noticed.push('messages from the server were lost, doubled or out of order');
    if (!inOrder(this.#arena.from(this.#session))) noticed.push('calls were lost, doubled or out of order');
    if (this.#client.losses.length > 0) noticed.push('the session was lost');
    if (this.#client.connections !== 1) noticed.push(`connected ${this.#client.connections} times`);
    if (this.#client.problems.length > 0) noticed.push(`${this.#client.problems.length} problems`);
    // Generous: what is looked for is a stall of the whole server, not a busy machine.
    const slow = this.#latencies.filter((latency) => latency > 400).length;
    if (slow > 3 + this.#sent / 100) noticed.push(`${slow} of ${this.#sent} calls took over 400 ms`);
    return noticed;
  }
}
