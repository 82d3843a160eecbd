import { explain } from '../shared/explain.ts';
import { systemError } from '../shared/errors.ts';
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

/**
 * Makes room for one new item as the policy says.
 *
 * @returns what was dropped for it: the new item itself under `drop-newest`, and where nothing older may go. Nothing for
 * replies and under `disconnect`, where the queue may pass its bound.
 * @throws HawserError `QUEUE_FULL`
 */
export function makeRoom(buffer: SendBuffer, item: SendItem, policy: OverflowPolicy): SendItem[] {
  const dropped: SendItem[] = [];
  // A reply is owed to the other side; their number is bounded by the calls in flight.
  if (item.kind === 'reply' || policy === 'disconnect') return dropped;
  while (!buffer.hasRoom(item.bytes)) {
    if (policy === 'reject' || item.kind === 'request') {
      const { queueCount, queueBytes, limits } = buffer;
      const text =
        explain &&
        `"${item.name}" was not sent: ${queueCount} items (${queueBytes} bytes) wait already, the bound is ` +
          `${limits.queueCount} items or ${limits.queueBytes} bytes. Send less while the link is down, raise the bound, ` +
          'or choose a drop policy.';
      throw systemError('QUEUE_FULL', text, { data: { queueCount, queueBytes, limits } });
    }
    const victim = (policy === 'drop-oldest' && buffer.dropOldest()) || item;
    dropped.push(victim);
    if (victim === item) break;
  }
  return dropped;
}
