import type { WireLimits } from './frame.ts';

/** What one end accepts unless told otherwise; sizes in bytes, `protocol/README.md` section 9. */
export const defaultWireLimits: WireLimits = { frame: 262_144, msg: 16_777_216, inflight: 256 };

/** Largest sequenced frame that travels in a packet where both ends take chunks, bytes. */
export const inlineLimit = 65_536;

/** Frames and uploads that may be under way at once, in one direction. */
export const maxTransfers = 16;

/** What may have arrived of unfinished frames, bytes. */
export const maxUnfinished = 33_554_432;

/** Bytes of an upload that may be on their way or unread. */
export const uploadCredit = 1_048_576;

/** Most topics a session may subscribe to at once. */
export const maxSubscriptions = 256;

/** Longest parameters of a topic, characters of their JSON. */
export const maxTopicParams = 4_096;

/** Largest frame of a topic, bytes: what is not sequenced cannot travel in chunks. */
export const maxTopicFrame = 65_536;

/** Largest packet before the handshake is complete, bytes. */
export const helloLimit = 16_384;

/** Deepest nesting of arrays and maps in a packet; the packet itself is level 1, a frame level 2. */
export const maxDepth = 64;

/** Most keys in one map. */
export const maxKeys = 10_000;

/** Longest name, error code, session id, token or other identifier, bytes of UTF-8. */
export const maxNameBytes = 128;

/** Longest explanation (message of an error or reject), UTF-16 units; the receiver cuts off the rest. */
export const maxTextLength = 1_024;

/** Longest URL in a goaway or reject, bytes of UTF-8. */
export const maxUrlBytes = 2_048;

/** Most capabilities one end may announce. */
export const maxCaps = 64;

/** Smallest `frame` and `msg` an end may announce, bytes. */
export const minSizeLimit = 1_024;

/** Longest duration on the wire, milliseconds; what the timers of common platforms can hold. */
export const maxDuration = 2_147_483_647;
