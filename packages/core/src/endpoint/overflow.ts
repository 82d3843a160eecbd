import { explain } from '../shared/explain.ts';
import { systemError, type SystemError } from '../shared/errors.ts';
import type { SendBuffer } from '../session/send-buffer.ts';
import type { SendItem } from '../session/send-item.ts';
import type { SharedLimits } from '../session/send-limits.ts';
import type { EndpointOutput } from './endpoint-io.ts';

/**
 * What happens to a message when the send queue is full.
 *
 * `reject` throws `QUEUE_FULL` at the sender; `drop-oldest` and `drop-newest` drop a message and report it. A server, whose
 * application cannot wait for one peer, takes it and closes the connection of the slow reader instead.
 */
export type OverflowPolicy = 'reject' | 'drop-oldest' | 'drop-newest';

/** Where items wait to be transmitted. */
export type Lane = Pick<SendBuffer, 'hasRoom' | 'overfull' | 'push' | 'dropOldest' | 'queueCount' | 'queueBytes'>;

/** The error for an item that was not taken, or dropped, because the queue is full. */
export function queueFull(
  { name, bytes }: SendItem,
  { queueCount, queueBytes }: Lane,
  limits: SharedLimits,
): SystemError {
  const pool = explain && limits.congested?.(bytes);
  const text =
    explain &&
    (pool
      ? `"${name}" was not sent: all clients of the pool together keep ${pool.keptBytes} bytes, the bound is ${pool.memory} bytes. Send less while links are down, raise the pool's \`memory\`, or choose a drop policy.`
      : `"${name}" was not sent: ${queueCount} items (${queueBytes} bytes) wait already, the bound is ` +
        `${limits.queueCount} items or ${limits.queueBytes} bytes (${limits.largeBytes} for large ones). Send less while the link is down, raise the bound, ` +
        'or choose a drop policy.');
  return systemError('QUEUE_FULL', text, { data: pool ? { pool } : { queueCount, queueBytes, limits } });
}

/** The error for a frame the peer would not accept. */
export function tooLarge({ name, bytes }: SendItem, limit: number): SystemError {
  const text =
    explain &&
    `"${name}" takes ${bytes} bytes and the other side accepts ${limit}. Split it, raise \`limits\` on ` +
      'the other side, or give a contract of messages alone `largeMessages`.';
  return systemError('TOO_LARGE', text, { data: { bytes, limit } });
}

/** The peer does not take what is owed to it. */
export const slowConsumer: EndpointOutput = { type: 'fault', code: 4541, reason: 'slow consumer' };
