// Make a server.
export { createServer } from './create-server.ts';
export type { ServerDraft } from './create-server.ts';
export type {
  AnswerOptions,
  Authenticate,
  AuthOf,
  Identity,
  RateOptions,
  ServerOptions,
  SessionLimits,
} from './options.ts';
export type { AllowedOrigins } from './origin-policy.ts';
export type { RequestInfo } from './request-info.ts';
export type { AuthRequest, Refuse, RefuseTopic, TopicLimits, TopicName, TopicRequest } from '@hawser/core/endpoint';

// Run something around every handler.
export { refusal } from '@hawser/core';
export type { RefusalCode } from '@hawser/core';
export type { ContextAddition, Middleware, MiddlewareCall, Next, NothingAdded, Passed } from '@hawser/core/endpoint';

// Use it.
export type { Server, ServerCloseOptions } from './server-surface.ts';
export type { AttachOptions } from './adapters/ws.ts';
export type { UpgradeListener, UpgradeSource } from './adapters/upgrade-routes.ts';
export type {
  BroadcastArgs,
  PublishArgs,
  PeerEnd,
  PeerEndReason,
  ServerCore,
  ServerHandlerContext,
  ServerHandlers,
  ServerListenMeta,
  ServerPeer,
} from '@hawser/core/endpoint';

// For options.
export { jsonCodec } from '@hawser/core/endpoint';
export type { HeartbeatTiming, RateLimit } from '@hawser/core/endpoint';
