import { expect, test } from 'vitest';
import { jsonCodec } from './json-codec.ts';
import { defaultWireLimits, inlineLimit } from './limits.ts';
import { msgpackCodec } from './msgpack-codec.ts';

test('the largest frame that is not cut into chunks fits one packet, beside every control frame a flush may add', () => {
  const { frame } = defaultWireLimits;
  for (const codec of [jsonCodec, msgpackCodec]) {
    const pong = codec.encodeFrame([36, Number.MAX_SAFE_INTEGER]);
    const controls = Array.from({ length: 16 }, () => pong);
    const header = codec.encodePacket(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, controls);
    // One more comma joins the message to them in JSON.
    expect(codec.byteLength(header) + 1 + inlineLimit).toBeLessThanOrEqual(frame);
  }
});
