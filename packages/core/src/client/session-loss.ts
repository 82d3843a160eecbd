import { systemError, type SystemError } from '../shared/errors.ts';
import type { Remains } from '../endpoint/endpoint-options.ts';
import type { SendItem } from '../session/send-item.ts';
import type { Codec } from '../wire/codec.ts';
import type { LostItem, SessionLost } from './client-surface.ts';

/** Sorts what a session left behind for the application. */
export function describeLoss(
  sessionId: string,
  why: SessionLost['why'],
  remains: Remains,
  codec: Codec,
  requeued: boolean,
): SessionLost {
  const read = (item: SendItem): LostItem => readItem(item, codec);
  return {
    sessionId,
    why,
    lostInbound: why === 'overflow' ? true : 'unknown',
    outbound: { acked: remains.acked, unsent: remains.unsent.map(read), unknown: remains.unknown.map(read) },
    requeued: requeued && remains.unsent.length > 0,
  };
}

/** Only the encoded frame was kept, so the value is read back from it. */
function readItem(item: SendItem, codec: Codec): LostItem {
  const kind = item.kind === 'request' ? 'call' : 'message';
  const packet = item.encoded === undefined ? [] : (codec.decode(codec.encodePacket(0, 0, [item.encoded])) as unknown[]);
  const frame = packet[2] as unknown[] | undefined;
  return { kind, name: item.name, data: frame?.[kind === 'call' ? 3 : 2] };
}

/** Why a call without an answer ends with its session. */
export function lostCall(name: string, left: boolean, after: 'lost' | 'closed'): SystemError {
  if (left) {
    return systemError(
      'UNKNOWN_OUTCOME',
      `"${name}" was sent, but the session ended before its answer: it may or may not have run. ` +
        'Ask the other side before repeating it, or mark the call idempotent in the contract.',
      { executed: 'maybe' },
    );
  }
  if (after === 'closed') return systemError('UNAVAILABLE', `"${name}" was not sent: the client was closed first.`);
  return systemError('SESSION_LOST', `"${name}" was not sent: the session ended first. It is safe to repeat.`);
}
