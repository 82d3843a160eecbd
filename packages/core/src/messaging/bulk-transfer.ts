import type { SendItem } from '../session/send-item.ts';
import type { OutgoingExchange } from './exchange.ts';

/** One chunk on its way, until it is acknowledged. */
export interface ChunkItem extends SendItem {
  readonly piece: Uint8Array;
  readonly bytes: 0;
  readonly id: number;
  readonly flags: number;
  readonly total: number;
  readonly upload: UploadTransfer | undefined;
  sentAt: number;
}

/** A frame that leaves in chunks. */
export interface FrameTransfer {
  readonly item: SendItem;
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly pieces?: undefined;
  offset: number;
}

/** An upload of this end, as far as its bytes were handed over. */
export interface UploadTransfer {
  readonly exchange: OutgoingExchange;
  /** Bytes handed over and not numbered yet. */
  readonly pieces: Uint8Array[];
  /** Bytes handed over and not acknowledged. */
  ahead: number;
  /** Bytes acknowledged that its sink must still be told of. */
  fresh: number | undefined;
  ended: boolean;
}

/** What a frame keeps its order by: its name, and the id it is about. */
export function keysOf({ kind, key, name }: SendItem): (string | number)[] {
  return kind === 'call' ? [key, name] : [key];
}

/** Frames in the order in which they must leave; the first is known without a search. */
export class Line {
  /** The first; for reading. */
  head: SendItem | undefined;
  readonly #items = new Set<SendItem>();
  /** Stands behind the first: a walk from the beginning would pass by all that was there before. */
  #walk = this.#items.values();

  add(item: SendItem): this {
    this.#items.add(item);
    if (!this.head) {
      this.#walk = this.#items.values();
      this.head = this.#walk.next().value;
    }
    return this;
  }

  /** Takes one out, wherever it stands; returns the first of those that are left. */
  delete(item: SendItem): SendItem | undefined {
    this.#items.delete(item);
    if (item === this.head) this.head = this.#walk.next().value;
    return this.head;
  }
}
