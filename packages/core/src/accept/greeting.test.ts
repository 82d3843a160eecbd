import { expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { MemorySocket } from '../testing/memory-socket.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { Greeting } from './greeting.ts';

it('tells its greeter until the welcome and the peer afterwards, and lets go of the request', () => {
  const told: unknown[] = [];
  const socket = new MemorySocket('', 'server');
  socket.connected({ transmit: () => 0, close: () => 0, terminate: () => 0, buffered: 0 }, jsonCodec.subprotocol);
  socket.readyState = 1;
  const greeting = new Greeting(
    socket,
    new ManualClock(),
    jsonCodec,
    { headers: {} },
    {
      greeted: (_, data) => told.push('greeted', data),
      left: () => told.push('left'),
    },
  );
  greeting.drained();
  socket.delivered('hello');
  greeting.welcomed({
    receive: (data) => told.push('received', data),
    lostLink: (code) => told.push('lost', code),
    wake: () => told.push('room'),
  });
  expect(greeting.request).toBeUndefined();
  socket.delivered('data');
  greeting.drained();
  socket.ended(1001, '');
  expect(told).toEqual(['greeted', 'hello', 'received', 'data', 'room', 'lost', 1001]);
});
