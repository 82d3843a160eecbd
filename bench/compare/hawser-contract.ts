import {
  call,
  defineContract,
  message,
  stream,
  topic,
  type CallDef,
  type Contract,
  type MessageDef,
  type StreamDef,
  type TopicDef,
} from '@hawser/core';
import * as z from 'zod';
import { counted } from './counted-schema.ts';
import { readingSchema, type Reading } from './reading.ts';

const { schema, count } = counted(readingSchema);

type ReadingMessage = MessageDef<Reading, Reading>;
interface TopicParams {
  readonly of: string;
}
interface BenchContract extends Contract {
  readonly clientToServer: {
    readonly reading: ReadingMessage;
    readonly ask: CallDef<Reading, Reading, Reading, Reading, Record<never, never>>;
    readonly items: StreamDef<Reading, Reading, Reading, Reading, Record<never, never>>;
  };
  readonly serverToClient: { readonly reading: ReadingMessage };
  readonly topics: { readonly readings: TopicDef<TopicParams, TopicParams, Reading, Reading> };
}

/** What both ends of the benchmark agree on. */
export const contract: BenchContract = defineContract({
  id: 'hawser.bench/1',
  clientToServer: {
    reading: message(schema),
    ask: call({ input: schema, output: schema }),
    items: stream({ input: schema, item: schema }),
  },
  serverToClient: { reading: message(schema) },
  topics: { readings: topic({ params: z.object({ of: z.string() }), data: schema }) },
});

/** How many payloads were validated in this process so far. */
export const validated: () => number = count;
