import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SystemCode } from '../shared/errors.ts';

// Vocabulary: what a contract is made of. `In…` is what the side that passes a value gives, `Out…` what the side that
// reads it sees after the schema ran.
//
// `~in`, `~seen`, `~gives`, `~out` and `~errors` are types only and never set: to read a type off a property costs the
// compiler a fraction of what it costs to infer it from a definition's shape, and it is done at every use.

/** Any schema of the Standard Schema family (zod, valibot, arktype …). */
export type Schema<In = unknown, Out = In> = StandardSchemaV1<In, Out>;

/** One-way data. */
export interface MessageDef<In = unknown, Out = unknown> {
  readonly kind: 'message';
  readonly data: Schema<In, Out> | undefined;
  readonly '~run'?: undefined;
  readonly '~in': In;
  readonly '~seen': Out;
}

/** Error codes a call, stream or upload may end with; the value is the schema of the error's data, `null` for none. */
export type ErrorSchemas = Readonly<Record<string, Schema | null>>;

/** The data types behind an {@link ErrorSchemas}: what `fail` takes and what the caller reads. */
export type ErrorTypes = Readonly<Record<string, { readonly in: unknown; readonly out: unknown }>>;

/** What calls, streams and uploads have in common. */
export interface Asked<InputIn, InputOut, Errors extends ErrorTypes> {
  readonly input: Schema<InputIn, InputOut> | undefined;
  readonly errors: ErrorSchemas;
  /** Makes it work; only the kinds a contract names are in a bundle. */
  readonly '~run': unknown;
  readonly '~in': InputIn;
  readonly '~seen': InputOut;
  readonly '~errors': Errors;
}

/** A request with one answer. */
export interface CallDef<
  InputIn = unknown,
  InputOut = unknown,
  OutputIn = unknown,
  OutputOut = unknown,
  Errors extends ErrorTypes = ErrorTypes,
> extends Asked<InputIn, InputOut, Errors> {
  readonly kind: 'call';
  readonly output: Schema<OutputIn, OutputOut> | undefined;
  readonly '~gives': OutputIn;
  readonly '~out': OutputOut;
  /** Repeating the call does no harm, so it may be retried when its outcome is unknown. */
  readonly idempotent: boolean;
}

/** A request with any number of answers, as fast as the asker reads them. */
export interface StreamDef<
  InputIn = unknown,
  InputOut = unknown,
  ItemIn = unknown,
  ItemOut = unknown,
  Errors extends ErrorTypes = ErrorTypes,
> extends Asked<InputIn, InputOut, Errors> {
  readonly kind: 'stream';
  readonly item: Schema<ItemIn, ItemOut> | undefined;
  readonly '~gives': ItemIn;
  readonly '~out': ItemOut;
}

/** Bytes of any length, and one answer. */
export interface UploadDef<
  InputIn = unknown,
  InputOut = unknown,
  OutputIn = unknown,
  OutputOut = unknown,
  Errors extends ErrorTypes = ErrorTypes,
> extends Asked<InputIn, InputOut, Errors> {
  readonly kind: 'upload';
  readonly chunk: Schema<Uint8Array>;
  readonly output: Schema<OutputIn, OutputOut> | undefined;
  readonly '~gives': OutputIn;
  readonly '~out': OutputOut;
}

/** Which messages of a topic the server keeps for those who come later: the last one, or so many. */
export type Retain = 'last' | number;

/** Data for everybody who subscribed to the topic with these parameters. */
export interface TopicDef<ParamsIn = unknown, ParamsOut = unknown, DataIn = unknown, DataOut = unknown> {
  readonly kind: 'topic';
  readonly params: Schema<ParamsIn, ParamsOut> | undefined;
  readonly data: Schema<DataIn, DataOut> | undefined;
  readonly retain: Retain | undefined;
  /**
   * What makes two messages about the same thing: of those that wait for a slow reader only the latest is kept. Without it
   * a slow reader is told that it missed some.
   */
  conflate?(data: DataIn): string;
  readonly '~run': unknown;
  readonly '~in': ParamsIn;
  readonly '~seen': ParamsOut;
  readonly '~gives': DataIn;
  readonly '~out': DataOut;
}

/** What makes messages larger than a packet possible; there is one, `largeMessages`. */
export interface LargeMessages {
  readonly Endpoint: unknown;
}

/** What a contract may contain in one direction. */
export type Definition = MessageDef | CallDef | StreamDef | UploadDef;
/** The entries of one direction, by name. */
export type Definitions = Readonly<Record<string, Definition>>;
/** The topics of a contract, by name. */
export type Topics = Readonly<Record<string, TopicDef>>;

/** What a value of this schema is before it ran; nothing without a schema. */
export type SchemaIn<S> = S extends StandardSchemaV1<infer In, unknown> ? In : undefined;
/** What a value of this schema is after it ran; nothing without a schema. */
export type SchemaOut<S> = S extends StandardSchemaV1<infer _In, infer Out> ? Out : undefined;
/** {@link ErrorTypes} of an {@link ErrorSchemas}. */
export type ErrorTypesOf<E> = {
  // `as`, or a definition without errors would infer from the contract around it that it may have any.
  readonly [K in keyof E as K]: { readonly in: SchemaIn<E[K]>; readonly out: SchemaOut<E[K]> };
};
/** Contract errors may not reuse a system code. */
export type NoSystemCodes<E> = { readonly [K in keyof E as K extends SystemCode ? K : never]: never };
