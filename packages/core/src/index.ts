// Make a contract and a client.
export { createClient } from './client/create-client.ts';
export type { ClientOptions, Credential } from './client/options.ts';
export { call } from './peer/call/define-call.ts';
export { largeMessages } from './peer/large-messages.ts';
export { bytes, upload } from './peer/upload/define-upload.ts';
export { defineContract, message } from './peer/contract.ts';
export { topic } from './peer/topic/define-topic.ts';
export type { Contract } from './peer/contract.ts';
export { stream } from './peer/stream/define-stream.ts';
export type {
  Asked,
  CallDef,
  Definition,
  Definitions,
  ErrorSchemas,
  ErrorTypes,
  ErrorTypesOf,
  LargeMessages,
  MessageDef,
  NoSystemCodes,
  Retain,
  Schema,
  SchemaIn,
  SchemaOut,
  StreamDef,
  TopicDef,
  Topics,
  UploadDef,
} from './peer/definitions.ts';

// Use a connection.
export type { Client, ClientActions, CloseReport, LostItem, SessionLost } from './client/client-surface.ts';
export type {
  CallArgs,
  CallMiddleware,
  CallOptions,
  CallResult,
  Fail,
  Handler,
  HandlerContext,
  ListenOptions,
  MessageMeta,
  OnceOptions,
  OutgoingCall,
  OutgoingCallOf,
  Peer,
  Problem,
  SendArgs,
  SendOptions,
} from './peer/peer-surface.ts';
export type { Observer, ObserverOrNext, Subscription } from './peer/observer.ts';
export type { Stream, StreamArgs, StreamOptions } from './peer/stream/stream-surface.ts';
export type {
  TopicArgs,
  TopicBuffer,
  TopicHandle,
  TopicMeta,
  TopicObserver,
  TopicSnapshot,
  TopicValuesOptions,
} from './peer/topic/topic-surface.ts';
export type {
  UploadArgs,
  UploadContext,
  UploadOptions,
  UploadProgress,
  UploadResult,
  UploadSource,
} from './peer/upload/upload-surface.ts';
export type {
  ClosedReason,
  ClosedState,
  ConnectedState,
  ConnectingState,
  ConnectionState,
  DialPhase,
  IdleState,
  ReconnectingState,
  SuspendedState,
} from './connection/connection-state.ts';

// Errors.
export { refusal } from './peer/refusal.ts';
export type { RefusalCode } from './peer/refusal.ts';
export { HawserError } from './shared/errors.ts';
export type { DomainError, ErrorDetails, ErrorOrigin, Executed, SystemCode, SystemError } from './shared/errors.ts';

// Types read off a contract.
export type {
  CallError,
  CallIn,
  CallName,
  CallOut,
  ErrorOf,
  ErrorsOf,
  HandledName,
  HandlerIn,
  HandlerOut,
  InputOf,
  ItemIn,
  ItemOut,
  MessageIn,
  MessageName,
  MessageOf,
  MessageOut,
  OutputOf,
  StreamName,
  TopicData,
  TopicIn,
  TopicOut,
  TopicParams,
  TopicParamsOut,
  UploadName,
} from './peer/contract-types.ts';

// For options and other libraries.
export type { RetryPolicy } from './connection/retry-policy.ts';
export type { Clock } from './driver/clock.ts';
export type { DialInfo, Resolvable } from './driver/dialer.ts';
export type { SocketClass, SocketLike } from './driver/socket.ts';
export type { OverflowPolicy } from './endpoint/overflow.ts';
export type { Validation } from './peer/peer-host.ts';
export type { SendLimits } from './session/send-limits.ts';
export type { Codec, Encoded } from './wire/codec.ts';
export type { WireLimits } from './wire/frame.ts';
