/**
 * WebSocket close codes, `protocol/README.md` section 7.
 *
 * Codes a peer does not know follow their class: 44xx means that something must change before coming back, 45xx means
 * coming back with backoff.
 */
export const CloseCode = {
  /** Finished: the session has ended. */
  finished: 1000,
  /** The other end goes away, or a page is left. */
  goingAway: 1001,
  /** The WebSocket protocol itself was broken. */
  transportProtocol: 1002,
  /** The other end does not take this type of message. */
  unsupportedData: 1003,
  /** Never sent: the close frame carried no code. */
  none: 1005,
  /** Never sent: the connection was cut. */
  cut: 1006,
  /** Text that is not UTF-8. */
  invalidText: 1007,
  /** A policy of the other end, not described further. */
  policy: 1008,
  /** A WebSocket message was too big for the other end or something between. */
  tooBig: 1009,
  /** A WebSocket extension is missing. */
  extension: 1010,
  /** The other end failed. */
  internalError: 1011,
  /** The service restarts. */
  restart: 1012,
  /** The service asks to come back later. */
  tryLater: 1013,
  /** A gateway got no usable answer from behind it. */
  badGateway: 1014,
  /** The hawser protocol was broken. */
  protocolError: 4400,
  /** The credential is missing, refused or expired. */
  unauthenticated: 4401,
  /** Known, and not allowed. */
  forbidden: 4403,
  /** Protocol version, codec or contract do not fit. */
  unsupported: 4406,
  /** A newer connection of the same session took over. */
  superseded: 4409,
  /** The server ended the session. */
  sessionEnded: 4410,
  /** Something was larger or more than was negotiated. */
  overLimit: 4413,
  /** The server failed. */
  serverFault: 4500,
  /** The server has too much to do; the reject frame may say when to come back. */
  overloaded: 4503,
  /** Hello or welcome did not come in time. */
  handshakeTimeout: 4508,
  /** The server drains before it stops. */
  draining: 4512,
  /** The session lives elsewhere; the goaway or reject frame says where. */
  moved: 4521,
  /** Too much in too little time. */
  rateLimited: 4529,
  /** A sequence number is missing. */
  sequenceGap: 4540,
  /** The reader is too slow for what is sent to it. */
  slowConsumer: 4541,
  /** Silence for longer than the heartbeat allows. */
  heartbeatMissed: 4542,
} as const;
