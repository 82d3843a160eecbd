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
  ended: boolean;
}

/** What a frame keeps its order by: its name, and the id it is about. */
export function keysOf({ kind, key, name }: SendItem): (string | number)[] {
  return kind === 'call' ? [key, name] : [key];
}
