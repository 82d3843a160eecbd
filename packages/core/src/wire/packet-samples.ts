import { isExchangeFrame } from './exchange-frame.ts';
import type { Packet } from './frame.ts';
import { parsePacket } from './parse-packet.ts';
import { isTopicFrame } from './topic-frame.ts';

// For tests of all that may stand in a packet.

/** Parses as an end does whose contract has everything. */
export function parseAny(value: unknown): Packet {
  return parsePacket(value, { fits: (frame) => isExchangeFrame(frame) || isTopicFrame(frame) });
}
