import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { earsOf, type SocketEars } from './emitter.ts';
import type { SocketLike } from './socket.ts';

class Emitter extends EventEmitter {
  readyState = 0;
}

class WsLike extends Emitter {
  isPaused = false;
}

/** Sets every handler and returns what they are told. */
function listen(ears: SocketEars): unknown[] {
  const told: unknown[] = [];
  ears.onopen = () => told.push('open');
  ears.onmessage = ({ data }: { data: unknown }) => told.push(data);
  ears.onerror = ({ error }: { error: Error }) => told.push(error.message);
  ears.onclose = ({ code, reason }: { code: number; reason: string }) => told.push(code, reason);
  return told;
}

it('hears a socket of ws by its events: text as text, bytes as they are', () => {
  const socket = new WsLike();
  const told = listen(earsOf(socket as unknown as SocketLike));
  const bytes = new ArrayBuffer(2);
  socket.emit('open');
  socket.emit('message', Buffer.from('grün'), false);
  socket.emit('message', bytes, true);
  socket.emit('error', new Error('broken'));
  socket.emit('close', 1006, Buffer.from('gone'));
  expect(told).toEqual(['open', 'grün', bytes, 'broken', 1006, 'gone']);
  expect(told[2]).toBe(bytes);
});

it('leaves handlers to every other class, emitters included', () => {
  const socket = new Emitter() as unknown as SocketLike;
  expect(earsOf(socket)).toBe(socket);
});
