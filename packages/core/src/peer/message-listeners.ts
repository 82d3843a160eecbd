import { Listeners } from '../shared/listeners.ts';
import type { MessageMeta } from './peer-surface.ts';

/** Untyped listener of one message. */
export type MessageListener = (data: unknown, meta: MessageMeta) => void;

const whole: MessageMeta = Object.freeze({ gap: false });
const holed: MessageMeta = Object.freeze({ gap: true });

/** Who listens to which message, and which names may have lost some since they were last told. */
export class MessageListeners {
  readonly #onError: (name: string, error: unknown) => void;
  #byName = new Map<string, Listeners<[data: unknown, meta: MessageMeta]>>();
  #losses = 0;
  #toldLosses = new Map<string, number>();

  constructor(onError: (name: string, error: unknown) => void) {
    this.#onError = onError;
  }

  add(name: string, listener: MessageListener): () => void {
    let listeners = this.#byName.get(name);
    if (listeners === undefined) {
      listeners = new Listeners((error) => this.#onError(name, error));
      this.#byName.set(name, listeners);
      this.#toldLosses.set(name, this.#losses);
    }
    return listeners.add(listener);
  }

  /** How many listen, for tests and leak checks. */
  get size(): number {
    let size = 0;
    for (const listeners of this.#byName.values()) size += listeners.size;
    return size;
  }

  has(name: string): boolean {
    return (this.#byName.get(name)?.size ?? 0) > 0;
  }

  /** A session was lost: the next message of every name says `gap`. */
  markGap(): void {
    this.#losses += 1;
  }

  tell(name: string, data: unknown): void {
    const listeners = this.#byName.get(name);
    if (listeners === undefined) return;
    if (this.#toldLosses.get(name) === this.#losses) {
      listeners.tell(data, whole);
      return;
    }
    this.#toldLosses.set(name, this.#losses);
    listeners.tell(data, holed);
  }

  clear(): void {
    for (const listeners of this.#byName.values()) listeners.clear();
    this.#byName.clear();
  }
}
