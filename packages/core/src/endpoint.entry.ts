// The accepting side, for @hawser/server and authors of transports.
export { Acceptor } from './accept/acceptor.ts';
export type { AcceptOptions, AuthRequest, Refuse } from './accept/accept-options.ts';
export type { AuthorizeTopic, RefuseTopic } from './accept/authorize-topic.ts';
export type { AnswerLimits } from './accept/answers.ts';
export { acceptDefaults } from './accept/defaults.ts';
export { HostedPeer } from './accept/hosted-peer.ts';
export type { AnyMiddleware, AnyMiddlewareCall, AskingPeer, MiddlewareChain } from './accept/middleware.ts';
export type {
  ContextAddition,
  Middleware,
  MiddlewareCall,
  Next,
  NothingAdded,
  Passed,
} from './accept/middleware-surface.ts';
export type { PeerEnd, PeerEndReason } from './accept/peer-end.ts';
export { PeerRegistrations } from './accept/peer-registrations.ts';
export type { ServerMessageMeta } from './accept/peer-registrations.ts';
export type { RateLimit, RateLimits, RateName } from './accept/rates.ts';
export type { RegisteredSession, RegistryLimits } from './accept/session-registry.ts';
export type {
  BroadcastArgs,
  PublishArgs,
  ServerCore,
  ServerHandlerContext,
  ServerHandlers,
  ServerListenMeta,
  ServerPeer,
  TopicName,
  TopicRequest,
} from './accept/server-surface.ts';
export { ContractPeer } from './peer/peer.ts';
export type { AnyHandler, ExchangeSide, PeerHost, PeerParent, PeerSettings, Plug } from './peer/peer-host.ts';
export type { CallContext } from './peer/handler-context.ts';
export { interactionsOf } from './peer/interaction.ts';
export type { Interaction } from './peer/interaction.ts';
export { systemClock } from './driver/clock.ts';
export { wheelClock } from './driver/wheel-clock.ts';
export { Heartbeat } from './endpoint/heartbeat.ts';
export type { HeartbeatTiming } from './endpoint/heartbeat.ts';
export { Rhythm } from './endpoint/rhythm.ts';
export { TopicHub } from './accept/topic-hub.ts';
export type { Publication, Topic, TopicLimits } from './accept/topic-registry.ts';
export { canonicalJson } from './shared/canonical-json.ts';
export { systemError } from './shared/errors.ts';
export { jsonCodec } from './wire/json-codec.ts';

// One end of a session without socket or clock, for other drivers.
export { BulkEndpoint } from './endpoint/bulk-endpoint.ts';
export { Endpoint } from './endpoint/endpoint.ts';
export type { Attachment, EndpointOptions, Remains } from './endpoint/endpoint-options.ts';
export type { EndpointEffect, EndpointOutput } from './endpoint/endpoint-io.ts';
export type { Lane } from './endpoint/overflow.ts';
export { Exchanges } from './messaging/exchanges.ts';
export type { SendItem, SendItemKind } from './session/send-item.ts';
export type {
  CallOutcome,
  Delivery,
  ExchangeDelivery,
  ExchangeNews,
  IncomingExchange,
  OutgoingExchange,
} from './messaging/exchange.ts';
export type {
  EndFrame,
  ErrorFrame,
  Frame,
  MessageFrame,
  Packet,
  RequestFrame,
  ResultFrame,
  VolatileFrame,
} from './wire/frame.ts';
