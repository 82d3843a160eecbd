import { systemError, type SystemError } from '../shared/errors.ts';
import type { SendBuffer } from '../session/send-buffer.ts';
import type { SendItem } from '../session/send-item.ts';

/**
 * What happens to a message when the send queue is full.
 *
 * `reject` throws `QUEUE_FULL` at the sender; `drop-oldest` and `drop-newest` drop a message and report it;
 * `disconnect` takes it, closes the connection of the slow reader (4541), and gives the session up when the replay bound
 * is passed as well: for servers, whose application cannot wait for one peer.
 */
export type OverflowPolicy = 'reject' | 'drop-oldest' | 'drop-newest' | 'disconnect';

/** Whether a new item goes into the queue, and what was dropped for it. */
export type OverflowVerdict =
  | { readonly take: true; readonly dropped: readonly SendItem[]; readonly slow: boolean }
  | { readonly take: false; readonly error: SystemError | undefined };

const room: OverflowVerdict = { take: true, dropped: [], slow: false };

/** Applies the policy to one new item. Drops queued messages where the policy says so. */
export function makeRoom(buffer: SendBuffer, item: SendItem, policy: OverflowPolicy): OverflowVerdict {
  if (buffer.hasRoom(item.bytes)) return room;
  // A reply is owed to the other side; its number is bounded by the calls in flight.
  if (item.kind === 'reply') return { take: true, dropped: [], slow: policy === 'disconnect' };
  if (policy === 'disconnect') return { take: true, dropped: [], slow: true };
  if (item.kind === 'message' && policy === 'drop-newest') return { take: false, error: undefined };
  if (item.kind === 'message' && policy === 'drop-oldest') {
    const dropped: SendItem[] = [];
    while (!buffer.hasRoom(item.bytes)) {
      const oldest = buffer.dropOldest();
      if (oldest === undefined) return { take: false, error: undefined };
      dropped.push(oldest);
    }
    return { take: true, dropped, slow: false };
  }
  return { take: false, error: queueFull(buffer, item) };
}

function queueFull(buffer: SendBuffer, item: SendItem): SystemError {
  const { queueCount, queueBytes } = buffer.limits;
  return systemError(
    'QUEUE_FULL',
    `"${item.name}" was not sent: ${buffer.queueCount} items (${buffer.queueBytes} bytes) wait already, the bound is ` +
      `${queueCount} items or ${queueBytes} bytes. Send less while the link is down, raise the bound, or choose a drop policy.`,
    { data: { count: buffer.queueCount, bytes: buffer.queueBytes, queueCount, queueBytes } },
  );
}
