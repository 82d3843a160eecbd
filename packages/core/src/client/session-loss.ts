import { explain } from '../shared/explain.ts';
import { systemError, type SystemError } from '../shared/errors.ts';
import type { Remains } from '../endpoint/endpoint-options.ts';
import type { SendItem } from '../session/send-item.ts';
import type { Codec } from '../wire/codec.ts';
import type { LostItem, SessionLost } from './client-surface.ts';

/** Sorts what a session left behind for the application. */
export function describeLoss(
  sessionId: string,
  why: SessionLost['why'],
  { acked, unsent, unknown }: Remains,
  codec: Codec,
  requeued: boolean,
): SessionLost {
  // Only the encoded frame was kept, so the value is read back from it.
  const read = ({ kind, name, encoded }: SendItem): LostItem => {
    const [, , frame] = codec.decode(codec.encodePacket(0, 0, [encoded])) as [number, number, unknown[]];
    return { kind: kind as LostItem['kind'], name, data: frame[kind === 'call' ? 3 : 2] };
  };
  return {
    sessionId,
    why,
    lostInbound: why === 'overflow' || 'unknown',
    outbound: { acked, unsent: unsent.map(read), unknown: unknown.map(read) },
    requeued: requeued && unsent.length > 0,
  };
}

/** Why a call without an answer ends with its session. */
export function lostCall(name: string, left: boolean, closed: boolean): SystemError {
  if (left) {
    const text =
      explain &&
      `"${name}" was sent, but the session ended before its answer: it may or may not have run. ` +
        'Ask the other side before repeating it, or mark the call idempotent in the contract.';
    return systemError('UNKNOWN_OUTCOME', text, { executed: 'maybe' });
  }
  const text = explain && `"${name}" was not sent: the ${closed ? 'client was closed' : 'session ended'} first.`;
  return systemError(closed ? 'UNAVAILABLE' : 'SESSION_LOST', text);
}
