import { explain } from '../shared/explain.ts';
import { checkWelcome } from '../wire/check-welcome.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import { malformed } from '../wire/field.ts';
import { Kind, type RejectFrame, type ResumeRequest, type Welcome, type WireLimits } from '../wire/frame.ts';
import { parsePacket } from '../wire/parse-packet.ts';
import { protocolMinor } from '../wire/version.ts';

/** Writes the first packet of a connection. */
export function writeHello(
  codec: Codec,
  contract: string,
  auth: unknown,
  lim: WireLimits,
  resume: ResumeRequest | undefined,
): Encoded {
  const hello = {
    v: protocolMinor,
    caps: [],
    contract,
    lim,
    ...(auth !== undefined && { auth }),
    ...(resume && { resume }),
  };
  return codec.encodePacket(0, 0, [codec.encodeFrame([Kind.hello, hello])]);
}

/**
 * Reads the server's answer to a hello.
 *
 * @throws WireError when it is anything but a welcome or a reject
 */
export function readAnswer(codec: Codec, data: Encoded): Welcome | RejectFrame {
  const { frames } = parsePacket(codec.decode(data));
  const [frame] = frames;
  if (frames.length === 1 && frame?.[0] === Kind.welcome) return checkWelcome(frame[1]);
  if (frame?.[0] === Kind.reject) return frame as RejectFrame;
  throw malformed(explain && 'the first packet is not a welcome');
}
