import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { UpgradeRoutes, type UpgradeRoute } from './upgrade-routes.ts';

/** A socket that counts what is written, as those of `node:net` do. */
class CountingSocket extends Duplex {
  bytesWritten = 0;
  text = '';

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytesWritten += chunk.length;
    this.text += chunk.toString();
    done();
  }
}

function ask(http: EventEmitter, url: string, socket: CountingSocket = new CountingSocket()): CountingSocket {
  http.emit('upgrade', { url }, socket, Buffer.alloc(0));
  return socket;
}

function route(open = true): UpgradeRoute & { readonly asked: string[] } {
  const asked: string[] = [];
  return { open, asked, upgrade: ({ url }) => void asked.push(url ?? '') };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('listens once, while it has a route', () => {
  const http = new EventEmitter();
  const routes = UpgradeRoutes.of(http);
  expect(UpgradeRoutes.of(http)).toBe(routes);
  const [a, b] = [route(), route()];
  const removeA = routes.add('/a', a);
  const removeB = routes.add('/b', b);
  expect(http.listenerCount('upgrade')).toBe(1);
  ask(http, '/a?x=/b');
  ask(http, '/b');
  expect([a.asked, b.asked]).toEqual([['/a?x=/b'], ['/b']]);
  removeA();
  removeA();
  expect(http.listenerCount('upgrade')).toBe(1);
  removeB();
  expect(http.listenerCount('upgrade')).toBe(0);
});

it('lets a newcomer take the path of a closed route, whose removal then removes nothing', () => {
  const http = new EventEmitter();
  const routes = UpgradeRoutes.of(http);
  const removeOld = routes.add('/ws', route(false));
  const fresh = route();
  routes.add('/ws', fresh);
  removeOld();
  ask(http, '/ws');
  expect(fresh.asked).toEqual(['/ws']);
  expect(() => routes.add('/ws', route())).toThrow('attached already');
  expect(http.listenerCount('upgrade')).toBe(1);
});

it('answers unknown paths when nobody else would', () => {
  const http = new EventEmitter();
  UpgradeRoutes.of(http).add('/ws', route());
  const socket = ask(http, '/other');
  expect(socket.text).toMatch(/^HTTP\/1\.1 404 Not Found\r\nConnection: close\r\n/);
  expect(vi.getTimerCount()).toBe(0);
});

it('writes nothing to a socket that has ended', () => {
  const http = new EventEmitter();
  UpgradeRoutes.of(http).add('/ws', route());
  const ended = new CountingSocket();
  ended.end();
  ask(http, '/other', ended);
  expect([ended.text, ended.destroyed]).toEqual(['', true]);
  const broken = ask(http, '/other');
  broken.emit('error', new Error('the other end is gone'));
  expect(broken.destroyed).toBe(true);
});

it('leaves unknown paths to others, and drops what they leave', async () => {
  const http = new EventEmitter();
  UpgradeRoutes.of(http).add('/ws', route());
  http.on('upgrade', ({ url }: IncomingMessage, socket: Duplex) => {
    if (url === '/taken') socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  const [taken, left, gone] = ['/taken', '/left', '/gone'].map((url) => ask(http, url));
  gone?.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  expect(vi.getTimerCount()).toBe(2);
  vi.advanceTimersByTime(9_999);
  expect([taken?.destroyed, left?.destroyed]).toEqual([false, false]);
  vi.advanceTimersByTime(1);
  expect([taken?.destroyed, left?.destroyed]).toEqual([false, true]);
});
