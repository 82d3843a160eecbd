import type { DomainError, SystemError } from '../shared/errors.ts';
import type { CallDef, Contract, Definitions, ErrorTypes, MessageDef } from './contract.ts';

/** Names of the messages among some definitions. */
export type MessageName<D extends Definitions> = {
  [K in keyof D]: D[K]['kind'] extends 'message' ? K : never;
}[keyof D] &
  string;

/** Names of the calls among some definitions. */
export type CallName<D extends Definitions> = {
  [K in keyof D]: D[K]['kind'] extends 'call' ? K : never;
}[keyof D] &
  string;

/** What the sender of a message passes. */
export type MessageIn<D> = D extends MessageDef<infer In, infer _Out> ? In : never;
/** What the receiver of a message sees. */
export type MessageOut<D> = D extends MessageDef<infer _In, infer Out> ? Out : never;
/** What the caller passes. */
export type CallIn<D> = D extends CallDef<infer I, infer _A, infer _B, infer _C, infer _E> ? I : never;
/** What the handler receives. */
export type HandlerIn<D> = D extends CallDef<infer _A, infer I, infer _B, infer _C, infer _E> ? I : never;
/** What the handler returns. */
export type HandlerOut<D> = D extends CallDef<infer _A, infer _B, infer O, infer _C, infer _E> ? O : never;
/** What the caller gets back. */
export type CallOut<D> = D extends CallDef<infer _A, infer _B, infer _C, infer O, infer _E> ? O : never;
/** The domain errors of a call, by code. */
export type ErrorsOf<D> = D extends CallDef<infer _A, infer _B, infer _C, infer _D, infer E> ? E : never;

type DomainErrorIn<E extends ErrorTypes> = { [K in keyof E & string]: DomainError<K, E[K]['out']> }[keyof E & string];

/** Every error a call can end with, as a union to switch on: the contract's, then Hawser's. */
export type CallError<D> = DomainErrorIn<ErrorsOf<D>> | SystemError;

type AllDefinitions<C extends Contract> = C['clientToServer'] & C['serverToClient'];
type DefinitionOf<C extends Contract, N extends string> = N extends keyof C['clientToServer']
  ? C['clientToServer'][N]
  : N extends keyof C['serverToClient']
    ? C['serverToClient'][N]
    : never;

/** What one passes to a call or message of a contract, by name. */
export type InputOf<C extends Contract, N extends keyof AllDefinitions<C> & string> =
  DefinitionOf<C, N> extends MessageDef ? MessageIn<DefinitionOf<C, N>> : CallIn<DefinitionOf<C, N>>;
/** What a call of a contract answers, by name. */
export type OutputOf<C extends Contract, N extends keyof AllDefinitions<C> & string> = CallOut<DefinitionOf<C, N>>;
/** What a call of a contract can fail with, by name. */
export type ErrorOf<C extends Contract, N extends keyof AllDefinitions<C> & string> = CallError<DefinitionOf<C, N>>;
/** Every message of one direction as a union discriminated by `type`. */
export type MessageOf<D extends Definitions> = {
  [K in MessageName<D>]: { readonly type: K; readonly data: MessageOut<D[K]> };
}[MessageName<D>];
