/** Major version of the protocol; a different one has another sub-protocol name and does not understand this one. */
export const protocolMajor = 1;

/**
 * Minor version of the protocol, `v` in hello and welcome; `protocol/README.md` section 2.
 *
 * A client announces the highest it speaks, the server answers with the lower of both.
 */
export const protocolMinor = 0;

/** Begins the name of every WebSocket sub-protocol, one per codec; `protocol/README.md` section 1. */
export const subprotocol = 'hawser.1.' as const;
