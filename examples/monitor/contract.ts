import { bytes, call, defineContract, message, stream, topic, upload } from '@hawser/core';
import * as z from 'zod';

/** What can be watched with a limit; `metrics.ts` says how each is called and measured. */
export const Metric = z.enum(['cpu', 'memory', 'loop', 'network']);
export type Metric = z.infer<typeof Metric>;

/** One look at the machine. */
export const Sample = z.object({
  /** Running number, one higher with each sample this service ever took: the proof that none went missing. */
  n: z.int().positive(),
  /** When it was taken, epoch milliseconds on the service's clock. */
  at: z.number(),
  /** Busy share of each core since the sample before, percent. */
  cores: z.array(z.number()),
  /** Mean of `cores`, percent. */
  cpu: z.number(),
  /** Runnable processes, mean over one minute; 0 on Windows. */
  load: z.number(),
  /** Bytes. */
  memory: z.object({ used: z.number(), total: z.number() }),
  /** Bytes per second over all interfaces; `null` while the platform does not tell. */
  network: z.object({ received: z.number(), sent: z.number() }).nullable(),
  /** How late the service's own event loop ran its timers, milliseconds. */
  loop: z.object({ mean: z.number(), max: z.number() }),
});
export type Sample = z.infer<typeof Sample>;

/** What reading the past gives: first how much there is, then the samples, oldest first. */
export const PastItem = z.discriminatedUnion('kind', [
  /** `from` and `to`: when the first and the last sample were taken, epoch milliseconds on the service's clock. */
  z.object({ kind: z.literal('span'), total: z.int(), from: z.number(), to: z.number() }),
  z.object({ kind: z.literal('sample'), sample: Sample }),
]);
export type PastItem = z.infer<typeof PastItem>;

/** The load of one core, published with each sample. */
export const CoreLoad = z.object({
  /** Epoch milliseconds on the service's clock. */
  at: z.number(),
  /** Busy share since the sample before, percent. */
  share: z.number(),
});
export type CoreLoad = z.infer<typeof CoreLoad>;

/** Bytes of the largest file the service takes. */
export const largestFile = 64_000_000;

/** A file somebody sends; `size` in bytes. */
export const FileInfo = z.object({ name: z.string().min(1).max(255), size: z.int().nonnegative() });
export type FileInfo = z.infer<typeof FileInfo>;

/** What the service says about a file it was sent. */
export const Receipt = z.object({
  /** Bytes that arrived. */
  size: z.int(),
  /** Of the bytes that arrived, hexadecimal. */
  sha256: z.string(),
  /** Milliseconds from the first byte to the last. */
  took: z.number(),
});
export type Receipt = z.infer<typeof Receipt>;

/** Limit per metric in the metric's own unit; `null` watches nothing. */
export const Thresholds = z.record(Metric, z.number().nullable());
export type Thresholds = z.infer<typeof Thresholds>;

/** A limit that was passed, or kept again. */
export const Alarm = z.object({
  id: z.int(),
  metric: Metric,
  phase: z.enum(['raised', 'cleared']),
  value: z.number(),
  limit: z.number(),
  at: z.number(),
});
export type Alarm = z.infer<typeof Alarm>;

/** What a page or an agent can be asked to do. */
export const Command = z.enum(['identify', 'report', 'gc', 'burn']);
export type Command = z.infer<typeof Command>;

/** What the one who was asked has to say: a sentence, and facts by label. */
export const Answer = z.object({ text: z.string(), facts: z.record(z.string(), z.string()) });
export type Answer = z.infer<typeof Answer>;

/** Who connects; sent as the credential of the handshake. */
export const Identity = z.object({
  kind: z.enum(['page', 'agent']),
  name: z.string().min(1).max(40),
  commands: z.array(Command),
});
export type Identity = z.infer<typeof Identity>;

/** A session the service holds. */
export const PeerInfo = Identity.extend({
  id: z.string(),
  /** Whether a link carries it right now; without one the service keeps it for a while. */
  linked: z.boolean(),
});
export type PeerInfo = z.infer<typeof PeerInfo>;

/** How a row of running numbers arrived. */
export const Tally = z.object({
  first: z.int(),
  last: z.int(),
  received: z.int(),
  missing: z.int(),
  duplicates: z.int(),
});
export type Tally = z.infer<typeof Tally>;

const UNSUPPORTED = z.object({ command: Command });
const BUSY = z.object({ job: z.string() });

/** Everything the service, its pages and its agents say to each other. */
export const monitor = defineContract({
  id: 'hawser.monitor/1',
  clientToServer: {
    /** Sent once a second with a running number, so that this direction proves itself too. */
    beat: message(z.object({ n: z.int().positive() })),
    overview: call({
      output: z.object({
        you: z.string(),
        host: z.object({ name: z.string(), platform: z.string(), model: z.string(), cores: z.int(), node: z.string() }),
        /** Milliseconds between samples. */
        interval: z.number(),
        thresholds: Thresholds,
        alarms: z.array(Alarm),
        peers: z.array(PeerInfo),
        /** Samples from before, oldest first, so that a page need not start with empty charts. */
        history: z.array(Sample),
      }),
      idempotent: true,
    }),
    setThreshold: call({
      input: z.object({ metric: Metric, limit: z.number().nullable() }),
      output: z.object({ thresholds: Thresholds, at: z.number() }),
      errors: {
        OUT_OF_RANGE: z.object({ min: z.number(), max: z.number(), unit: z.string() }),
        NOT_METERED: null,
      },
      idempotent: true,
    }),
    /** Has the service call `run` on another peer and hands the answer back. */
    runOn: call({
      input: z.object({ peer: z.string(), command: Command }),
      output: z.object({ answer: Answer, took: z.number() }),
      errors: {
        GONE: z.object({ peer: z.string() }),
        UNSUPPORTED,
        BUSY,
        NO_ANSWER: z.object({ code: z.string(), text: z.string() }),
      },
    }),
    /** The last hour, as fast as the asker reads it. */
    past: stream({ item: PastItem }),
    /** A CPU profile, a log: the service reads it, keeps nothing, and says what it got. */
    file: upload({
      input: FileInfo,
      chunk: bytes(),
      output: Receipt,
      errors: { TOO_BIG: z.object({ most: z.int() }) },
    }),
  },
  serverToClient: {
    sample: message(Sample),
    alarm: message(Alarm),
    thresholds: message(Thresholds),
    peers: message(z.array(PeerInfo)),
    /** What the service counted of this peer's `beat`s. */
    beats: message(Tally),
    /** A call from the server to the client: does it, and answers. */
    run: call({
      input: z.object({ command: Command, from: z.string() }),
      output: Answer,
      errors: { UNSUPPORTED, BUSY },
    }),
  },
  topics: {
    /** One topic per core. What it retains is half a minute at the usual pace: enough to fill a cut of that length. */
    core: topic({ params: z.object({ core: z.int().nonnegative() }), data: CoreLoad, retain: 60 }),
  },
});
export type Monitor = typeof monitor;
