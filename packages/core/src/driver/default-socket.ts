import IsomorphicWebSocket from 'isomorphic-ws';
import { maskingSocket } from './masking-socket.ts';
import type { SocketClass } from './socket.ts';

/** The platform's WebSocket in browsers, `ws` in Node. */
export const defaultSocket: SocketClass = /* @__PURE__ */ maskingSocket(IsomorphicWebSocket as unknown as SocketClass);
