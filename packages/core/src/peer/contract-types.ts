import type { HawserError, SystemError } from '../shared/errors.ts';
import type { Contract } from './contract.ts';
import type { Definition, Definitions, ErrorTypes, MessageDef, StreamDef } from './definitions.ts';

type NamesOf<D extends Definitions, Kind extends Definition['kind']> = {
  [K in keyof D]: D[K]['kind'] extends Kind ? K : never;
}[keyof D] &
  string;

/** Names of the messages among some definitions. */
export type MessageName<D extends Definitions> = NamesOf<D, 'message'>;
/** Names of the calls among some definitions. */
export type CallName<D extends Definitions> = NamesOf<D, 'call'>;
/** Names of the streams among some definitions. */
export type StreamName<D extends Definitions> = NamesOf<D, 'stream'>;
/** Names of the uploads among some definitions. */
export type UploadName<D extends Definitions> = NamesOf<D, 'upload'>;
/** Names of what is answered by a handler: calls, streams and uploads. */
export type HandledName<D extends Definitions> = NamesOf<D, 'call' | 'stream' | 'upload'>;

/** What the sender of a message passes. */
export type MessageIn<D> = D extends { readonly '~in': infer T } ? T : never;
/** What the receiver of a message sees. */
export type MessageOut<D> = D extends { readonly '~seen': infer T } ? T : never;
/** What the caller of a call, stream or upload passes. */
export type CallIn<D> = D extends { readonly '~in': infer T } ? T : never;
/** What the handler of a call, stream or upload receives. */
export type HandlerIn<D> = D extends { readonly '~seen': infer T } ? T : never;
/** What the handler of a call or upload returns. */
export type HandlerOut<D> = D extends { readonly '~gives': infer T } ? T : never;
/** What the caller of a call or upload gets back. */
export type CallOut<D> = D extends { readonly '~out': infer T } ? T : never;
/** What the handler of a stream yields. */
export type ItemIn<D> = D extends { readonly '~gives': infer T } ? T : never;
/** What the reader of a stream gets. */
export type ItemOut<D> = D extends { readonly '~out': infer T } ? T : never;
/** The domain errors of a call, stream or upload, by code. */
export type ErrorsOf<D> = D extends { readonly '~errors': ErrorTypes } ? D['~errors'] : never;

/** What a subscriber passes to choose a topic. */
export type TopicParams<D> = D extends { readonly '~in': infer T } ? T : never;
/** Parameters of a topic as the server sees them. */
export type TopicParamsOut<D> = D extends { readonly '~seen': infer T } ? T : never;
/** What the publisher passes. */
export type TopicIn<D> = D extends { readonly '~gives': infer T } ? T : never;
/** What a subscriber gets. */
export type TopicOut<D> = D extends { readonly '~out': infer T } ? T : never;
/** What subscribers of a topic of a contract get, by name. */
export type TopicData<C extends Contract, N extends keyof C['topics'] & string> = TopicOut<C['topics'][N]>;

// One conditional over the codes, without an alias: a mapped type that is indexed costs more at every use.
type DomainErrorIn<E extends ErrorTypes, K extends keyof E & string = keyof E & string> = K extends unknown
  ? HawserError<K, E[K]['out'], 'domain'>
  : never;

/** Every error a call can end with, as a union to switch on: the contract's, then Hawser's. */
export type CallError<D> = DomainErrorIn<ErrorsOf<D>> | SystemError;

type AllDefinitions<C extends Contract> = C['clientToServer'] & C['serverToClient'];
type DefinitionOf<C extends Contract, N extends string> = N extends keyof C['clientToServer']
  ? C['clientToServer'][N]
  : N extends keyof C['serverToClient']
    ? C['serverToClient'][N]
    : never;

/** What one passes to a call, stream, upload or message of a contract, by name. */
export type InputOf<C extends Contract, N extends keyof AllDefinitions<C> & string> =
  DefinitionOf<C, N> extends MessageDef ? MessageIn<DefinitionOf<C, N>> : CallIn<DefinitionOf<C, N>>;
/** What a call or upload of a contract answers, or a stream's item, by name. */
export type OutputOf<C extends Contract, N extends keyof AllDefinitions<C> & string> =
  DefinitionOf<C, N> extends StreamDef ? ItemOut<DefinitionOf<C, N>> : CallOut<DefinitionOf<C, N>>;
/** What a call, stream or upload of a contract can fail with, by name. */
export type ErrorOf<C extends Contract, N extends keyof AllDefinitions<C> & string> = CallError<DefinitionOf<C, N>>;
/** Every message of one direction as a union discriminated by `type`. */
export type MessageOf<D extends Definitions> = {
  [K in MessageName<D>]: { readonly type: K; readonly data: MessageOut<D[K]> };
}[MessageName<D>];
