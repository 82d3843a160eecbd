import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cable } from './cable.ts';
import { type CableReport, createControl } from './control.ts';

let cable: Cable;
let http: Server;
let base: string;

beforeEach(async () => {
  cable = new Cable({ host: '127.0.0.1', target: 1 });
  http = createServer(createControl(cable, () => 42));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  base = `http://127.0.0.1:${(http.address() as AddressInfo).port}/control`;
});

afterEach(async () => {
  http.close();
  await cable.close();
});

function post(path: string, body: unknown, type = 'application/json'): Promise<Response> {
  return fetch(base + path, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) });
}

test('reports the cable and what the service sent', async () => {
  const report = (await (await fetch(base)).json()) as CableReport;
  expect(report).toEqual({ cable: { state: 'up' }, now: expect.any(Number), links: 0, bytes: 0, faults: 0, sent: 42 });
});

test('cuts, swallows and restores', async () => {
  const cut = (await (await post('/fail', { fault: 'cut', seconds: 60 })).json()) as CableReport;
  expect(cut.cable.state).toBe('cut');
  if (cut.cable.state !== 'up') expect(cut.cable.until - cut.now).toBeGreaterThan(59_000);
  await post('/fail', { fault: 'black-hole', seconds: 60 });
  expect(cable.state.state).toBe('black-hole');
  expect((await post('/restore', {})).status).toBe(200);
  expect(cable.state.state).toBe('up');
});

test.each([
  ['an unknown fault', { fault: 'burn', seconds: 5 }],
  ['no time', { fault: 'cut' }],
  ['too long a time', { fault: 'cut', seconds: 3_600 }],
  ['a body without end', { fault: 'cut', seconds: 5, padding: 'x'.repeat(2_000) }],
])('refuses %s', async (_, body) => {
  expect((await post('/fail', body)).status).toBe(400);
  expect(cable.state.state).toBe('up');
});

test('refuses what another site could make a browser send', async () => {
  expect((await post('/fail', { fault: 'cut', seconds: 5 }, 'text/plain')).status).toBe(415);
  expect(cable.state.state).toBe('up');
});

test('knows no other routes', async () => {
  expect((await post('/explode', {})).status).toBe(404);
  expect((await fetch(`${base}/fail`)).status).toBe(404);
});
