/** Major version of the protocol; a different one has another sub-protocol name and does not understand this one. */
export const protocolMajor = 1;

/**
 * Minor version of the protocol, `v` in hello and welcome; `protocol/README.md` section 2.
 *
 * A client announces the highest it speaks, the server answers with the lower of both.
 */
export const protocolMinor = 0;

/** WebSocket sub-protocol names, one per codec; `protocol/README.md` section 1. */
export const subprotocol = {
  json: 'hawser.1.json',
  msgpack: 'hawser.1.msgpack',
} as const;
