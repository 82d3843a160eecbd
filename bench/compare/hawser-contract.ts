import { call, defineContract, message, type CallDef, type Contract, type MessageDef } from '@hawser/core';
import { counted } from './counted-schema.ts';
import { readingSchema, type Reading } from './reading.ts';

const { schema, count } = counted(readingSchema);

type ReadingMessage = MessageDef<Reading, Reading>;
interface BenchContract extends Contract {
  readonly clientToServer: {
    readonly reading: ReadingMessage;
    readonly ask: CallDef<Reading, Reading, Reading, Reading, Record<never, never>>;
  };
  readonly serverToClient: { readonly reading: ReadingMessage };
}

/** What both ends of the benchmark agree on. */
export const contract: BenchContract = defineContract({
  id: 'hawser.bench/1',
  clientToServer: {
    reading: message(schema),
    ask: call({ input: schema, output: schema }),
  },
  serverToClient: { reading: message(schema) },
});

/** How many payloads were validated in this process so far. */
export const validated: () => number = count;
