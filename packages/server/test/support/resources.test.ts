import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchResources } from './resources.ts';
import { until } from './until.ts';

test('names the timer that was left, and forgets those cleared or fired', async () => {
  const watch = watchResources();
  clearTimeout(setTimeout(() => {}, 60_000));
  await pause(1);
  const left = setTimeout(() => {}, 60_000);
  setInterval(() => {}, 60_000).unref();
  await until('only one is running', () => watch.timers().length === 1);
  expect(watch.timers()).toEqual([expect.stringContaining('resources.test.ts')]);
  clearTimeout(left);
  await watch.done();
});

test('counts sockets', async () => {
  const watch = watchResources();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(watch.sockets()).toBe(1);
  server.close();
  await watch.done();
});
