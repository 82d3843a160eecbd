import IsomorphicWebSocket from 'isomorphic-ws';
import type { SocketClass } from './socket.ts';

/** The platform's WebSocket in browsers, `ws` in Node. */
export const defaultSocket: SocketClass = IsomorphicWebSocket as unknown as SocketClass;
