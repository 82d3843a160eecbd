// The accepting side, for @hawser/server and authors of transports.
export { Acceptor } from './accept/acceptor.ts';
export type { AcceptOptions, AuthRequest, Refuse } from './accept/accept-options.ts';
export { acceptDefaults } from './accept/defaults.ts';
export { HostedPeer } from './accept/hosted-peer.ts';
export type { PeerEnd, PeerEndReason } from './accept/peer-end.ts';
export { PeerRegistrations } from './accept/peer-registrations.ts';
export type { ServerMessageMeta } from './accept/peer-registrations.ts';
export type { RegisteredSession, RegistryLimits } from './accept/session-registry.ts';
export type {
  BroadcastArgs,
  ServerCore,
  ServerHandlerContext,
  ServerHandlers,
  ServerListenMeta,
  ServerPeer,
} from './accept/server-surface.ts';
export { ContractPeer } from './peer/peer.ts';
export type { PeerOptions, PeerParent } from './peer/peer.ts';
export type { CallContext } from './peer/handler-context.ts';
export type { CallHandler, HandlerHost } from './peer/handlers.ts';
export { systemClock } from './driver/clock.ts';
export type { HeartbeatTiming } from './endpoint/heartbeat.ts';
export { systemError } from './shared/errors.ts';
export { jsonCodec } from './wire/json-codec.ts';

// One end of a session without socket or clock, for other drivers.
export { Endpoint } from './endpoint/endpoint.ts';
export type { Attachment, EndpointOptions, Remains } from './endpoint/endpoint-options.ts';
export type { Delivery, EndpointEffect, EndpointOutput } from './endpoint/endpoint-io.ts';
export type { ErrorFrame, Frame, MessageFrame, RequestFrame, ResultFrame, VolatileFrame } from './wire/frame.ts';
