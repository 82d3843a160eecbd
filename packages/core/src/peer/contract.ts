import { explain } from '../shared/explain.ts';
import { isName } from '../wire/name.ts';
import type {
  Definition,
  Definitions,
  LargeMessages,
  MessageDef,
  Schema,
  SchemaIn,
  SchemaOut,
  Topics,
} from './definitions.ts';

/** What both ends agree on: who may start what, and the shape of each payload. */
export interface Contract<
  ClientToServer extends Definitions = Definitions,
  ServerToClient extends Definitions = Definitions,
  PublishedTopics extends Topics = Topics,
> {
  /** Travels in the handshake; ends with different ids refuse each other. */
  readonly id: string;
  /** Started by clients. */
  readonly clientToServer: ClientToServer;
  /** Started by the server. */
  readonly serverToClient: ServerToClient;
  /** Subscribed by clients, published by the server. */
  readonly topics: PublishedTopics;
  /** Lets messages be larger than a packet; calls, streams and uploads bring it along. */
  readonly largeMessages?: LargeMessages | undefined;
}

/**
 * Declares one-way data; without a schema it carries none.
 *
 * @param data - shape of the payload, checked on arrival
 */
export function message(): MessageDef<undefined, undefined>;
export function message<S extends Schema>(data: S): MessageDef<SchemaIn<S>, SchemaOut<S>>;
export function message(data?: Schema): MessageDef {
  return { kind: 'message', data } as MessageDef;
}

/**
 * Puts a contract together; give the same value to `createClient` and `createServer`.
 *
 * @throws TypeError when a name is empty, longer than 128 bytes, or holds control characters (not in production bundles
 * for browsers, where a contract has been used before)
 */
export function defineContract<
  const C2S extends Definitions = Record<never, never>,
  const S2C extends Definitions = Record<never, never>,
  const T extends Topics = Record<never, never>,
>(contract: {
  readonly id: string;
  readonly clientToServer?: C2S;
  readonly serverToClient?: S2C;
  readonly topics?: T;
  readonly largeMessages?: LargeMessages;
}): Contract<C2S, S2C, T> {
  const { id, clientToServer = {} as C2S, serverToClient = {} as S2C, topics = {} as T, largeMessages } = contract;
  if (explain) {
    for (const name of [id, ...[clientToServer, serverToClient, topics].flatMap(Object.keys)]) {
      if (isName(name)) continue;
      throw new TypeError(
        `Contract ${id}: the name ${JSON.stringify(name)} must be 1 to 128 bytes of text without control characters.`,
      );
    }
  }
  return { id, clientToServer, serverToClient, topics, largeMessages };
}

/** Entries for look-up; a Map, so that a name from outside never meets a prototype. */
export function definitionMap<D extends Definition | Topics[string]>(
  definitions: Readonly<Record<string, D>>,
): ReadonlyMap<string, D> {
  return new Map(Object.entries(definitions));
}
