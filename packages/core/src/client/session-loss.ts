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
