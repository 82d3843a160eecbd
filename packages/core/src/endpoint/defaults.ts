import type { SendLimits } from '../session/send-limits.ts';

/** Enough for a feed of 2,000 messages a second to survive an outage of several seconds. */
export const defaultSendLimits: SendLimits = {
  queueCount: 10_000,
  queueBytes: 1_048_576,
  replayCount: 10_000,
  replayBytes: 1_048_576,
  largeBytes: 33_554_432,
};
