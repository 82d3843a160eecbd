import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SystemCode } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';
import { isName } from '../wire/name.ts';

/** Any schema of the Standard Schema family (zod, valibot, arktype …). */
export type Schema<In = unknown, Out = In> = StandardSchemaV1<In, Out>;

/** One-way data. `In` is what the sender passes, `Out` what the receiver sees after the schema ran. */
export interface MessageDef<In = unknown, Out = unknown> {
  readonly kind: 'message';
  readonly data: Schema<In, Out> | undefined;
}

/** Error codes a call may answer with; the value is the schema of the error's data, `null` for none. */
export type ErrorSchemas = Readonly<Record<string, Schema | null>>;

/** The data types behind an {@link ErrorSchemas}: what `fail` takes and what the caller reads. */
export type ErrorTypes = Readonly<Record<string, { readonly in: unknown; readonly out: unknown }>>;

/** A request with one answer. `In…`: the side that passes the value; `Out…`: the side that reads it. */
export interface CallDef<
  InputIn = unknown,
  InputOut = unknown,
  OutputIn = unknown,
  OutputOut = unknown,
  Errors extends ErrorTypes = ErrorTypes,
> {
  readonly kind: 'call';
  readonly input: Schema<InputIn, InputOut> | undefined;
  readonly output: Schema<OutputIn, OutputOut> | undefined;
  readonly errors: ErrorSchemas;
  /** Repeating the call does no harm, so it may be retried when its outcome is unknown. */
  readonly idempotent: boolean;
  /** Types only; never set. */
  readonly '~errors'?: Errors;
}

/** What a contract may contain. */
export type Definition = MessageDef | CallDef;
/** The entries of one direction, by name. */
export type Definitions = Readonly<Record<string, Definition>>;

/** What both ends agree on: who may start what, and the shape of each payload. */
export interface Contract<
  ClientToServer extends Definitions = Definitions,
  ServerToClient extends Definitions = Definitions,
> {
  /** Travels in the handshake; ends with different ids refuse each other. */
  readonly id: string;
  /** Started by clients. */
  readonly clientToServer: ClientToServer;
  /** Started by the server. */
  readonly serverToClient: ServerToClient;
}

type SchemaIn<S> = S extends StandardSchemaV1<infer In, unknown> ? In : undefined;
type SchemaOut<S> = S extends StandardSchemaV1<infer _In, infer Out> ? Out : undefined;
type ErrorTypesOf<E> = { readonly [K in keyof E]: { readonly in: SchemaIn<E[K]>; readonly out: SchemaOut<E[K]> } };
type NoSystemCodes<E> = { readonly [K in keyof E as K extends SystemCode ? K : never]: never };

/**
 * Declares one-way data; without a schema it carries none.
 *
 * @param data - shape of the payload, checked on arrival
 */
export function message(): MessageDef<undefined, undefined>;
export function message<S extends Schema>(data: S): MessageDef<SchemaIn<S>, SchemaOut<S>>;
export function message(data?: Schema): MessageDef {
  return { kind: 'message', data };
}

/**
 * Declares a request with one answer.
 *
 * @param options - `input` and `output` shapes (absent: none), `errors` the caller can expect, and whether the call is
 * `idempotent`. Error names may not reuse a {@link SystemCode}.
 */
export function call<
  I extends Schema | undefined = undefined,
  O extends Schema | undefined = undefined,
  const E extends Readonly<Record<string, Schema | null>> = Record<never, never>,
>(options: {
  readonly input?: I;
  readonly output?: O;
  readonly errors?: E & NoSystemCodes<E>;
  readonly idempotent?: boolean;
}): CallDef<SchemaIn<I>, SchemaOut<I>, SchemaIn<O>, SchemaOut<O>, ErrorTypesOf<E>> {
  return {
    kind: 'call',
    input: options.input as never,
    output: options.output as never,
    errors: (options.errors ?? {}) as ErrorSchemas,
    idempotent: options.idempotent ?? false,
  };
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
>(contract: { readonly id: string; readonly clientToServer?: C2S; readonly serverToClient?: S2C }): Contract<C2S, S2C> {
  const { id, clientToServer = {} as C2S, serverToClient = {} as S2C } = contract;
  if (explain) {
    for (const name of [id, ...Object.keys(clientToServer), ...Object.keys(serverToClient)]) {
      if (isName(name)) continue;
      throw new TypeError(
        `Contract ${id}: the name ${JSON.stringify(name)} must be 1 to 128 bytes of text without control characters.`,
      );
    }
  }
  return { id, clientToServer, serverToClient };
}

/** The entries of one direction for look-up; a Map, so that a name from outside never meets a prototype. */
export function definitionMap(definitions: Definitions): ReadonlyMap<string, Definition> {
  return new Map(Object.entries(definitions));
}
