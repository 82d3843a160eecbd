import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Refusal, RefusingHttp } from './refusing-http.ts';
import { type ResourceWatch, watchResources } from './resources.ts';
import { until } from './until.ts';

let resources: ResourceWatch;
let server: RefusingHttp;

beforeEach(() => {
  resources = watchResources();
});

afterEach(async () => {
  await server.stop();
  await resources.done();
});

/** What the client of `ws` makes of it. */
function dial(): { socket: WebSocket; events: string[] } {
  const events: string[] = [];
  const socket = new WebSocket(server.url, ['hawser.1.json'], { handshakeTimeout: 60_000 });
  socket.on('open', () => events.push('open'));
  socket.on('error', (error) => events.push(error.message));
  socket.on('close', (code) => events.push(`close ${code}`));
  return { socket, events };
}

const loud: [Refusal, RegExp][] = [
  [{ status: 200, body: '<html>log in</html>' }, /response: 200/],
  [{ status: 301, headers: { Location: 'http://elsewhere.example/' } }, /response: 301/],
  [{ status: 400 }, /response: 400/],
  [{ status: 401 }, /response: 401/],
  [{ status: 403 }, /response: 403/],
  [{ status: 404 }, /response: 404/],
  [{ status: 429, headers: { 'Retry-After': '1' } }, /response: 429/],
  [{ status: 503, headers: { 'Retry-After': '2' } }, /response: 503/],
  ['wrong key', /Sec-WebSocket-Accept/],
  ['no protocol', /no subprotocol/],
  ['half', /socket hang up/],
  ['reset', /ECONNRESET|socket hang up/],
];
test.each(loud)('%j fails the upgrade', async (answer, message) => {
  server = await RefusingHttp.start(answer);
  const { events } = dial();
  await until('the client gave up', () => events.length === 2);
  expect(events[0]).toMatch(message);
  expect(events[1]).toBe('close 1006');
  expect(server.attempts.length).toBe(1);
});

test.each(['nothing', 'half, silent'] as const)('%s leaves the client hanging', async (answer) => {
  server = await RefusingHttp.start(answer);
  const { socket, events } = dial();
  await until('the upgrade is asked for', () => server.attempts.length === 1);
  // Another whole upgrade takes place meanwhile, so an answer would have come.
  server.answers = [{ status: 400 }];
  const other = dial();
  await until('the other is refused', () => other.events.length === 2);
  expect(events).toEqual([]);
  await until('only the first is left', () => server.open === 1);
  socket.terminate();
  await until('the server noticed', () => server.open === 0);
});

test('answers in turn, the last one for ever, with headers', async () => {
  server = await RefusingHttp.start({ status: 503, headers: { 'Retry-After': '7' } }, { status: 404 });
  const seen: [number | undefined, string | undefined][] = [];
  for (let i = 0; i < 3; i += 1) {
    const socket = new WebSocket(server.url);
    socket.on('error', () => {});
    socket.on('unexpected-response', (_, response) => {
      seen.push([response.statusCode, response.headers['retry-after']]);
      response.resume();
      socket.terminate();
    });
    await until('it is answered', () => seen.length === i + 1);
  }
  expect(seen).toEqual([
    [503, '7'],
    [404, undefined],
    [404, undefined],
  ]);
});
