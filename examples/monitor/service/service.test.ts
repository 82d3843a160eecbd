import { createHash } from 'node:crypto';
import os from 'node:os';
import { type Client, createClient } from '@hawser/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CoreLoad, type Identity, type Monitor, type PastItem, largestFile, monitor } from '../contract.ts';
import { Cable } from '../harness/cable.ts';
import { type Service, startService } from './service.ts';

const identity: Identity = { kind: 'agent', name: 'test', commands: [] };
const patience = { timeout: 20_000, interval: 20 };
let taken = 0;
let service: Service;
let cable: Cable;
let client: Client<Monitor>;

beforeEach(async () => {
  taken = 0;
  service = await startService({
    port: 0,
    interval: 20,
    allowedOrigins: 'any',
    onSample: (n) => {
      taken = n;
    },
  });
  cable = new Cable({ host: '127.0.0.1', target: service.port });
  client = createClient({
    contract: monitor,
    url: `ws://127.0.0.1:${await cable.listen(0)}/ws`,
    auth: identity,
    reconnect: { minDelay: 20, maxDelay: 100 },
  });
});

afterEach(async () => {
  await client.close();
  await cable.close();
  await service.close();
});

/** Cuts the cable for as long as the client takes to notice, and waits until the session goes on. */
async function cutOnce(): Promise<void> {
  cable.fail('cut', 60_000);
  await expect.poll(() => client.state.status, patience).toBe('reconnecting');
  cable.restore();
  await expect.poll(() => client.state, patience).toMatchObject({ status: 'connected', resumed: true });
}

test('gives the past through a cut, each sample once', { timeout: 30_000 }, async () => {
  await expect.poll(() => taken, patience).toBeGreaterThan(30);
  const items: PastItem[] = [];
  const over = new Promise<void>((resolve, reject) => {
    client
      .stream('past', undefined, { window: 4 })
      .subscribe({ next: (item) => items.push(item), error: reject, complete: resolve });
  });
  await expect.poll(() => items.length, patience).toBeGreaterThan(5);
  await cutOnce();
  await over;
  const [span, ...samples] = items;
  expect(span?.kind === 'span' && span.total).toBe(samples.length);
  const numbers = samples.map((item) => item.kind === 'sample' && item.sample.n);
  expect(numbers).toEqual(samples.map((_, index) => index + 1));
});

test('publishes the load of each core, also after a cut', { timeout: 30_000 }, async () => {
  const topic = client.topic('core', { core: os.cpus().length - 1 });
  const seen: CoreLoad[] = [];
  let gaps = 0;
  const subscription = topic.subscribe((load, { gap }) => {
    seen.push(load);
    if (gap) gaps++;
  });
  await expect.poll(() => seen.length, patience).toBeGreaterThan(3);
  await cutOnce();
  await expect.poll(() => topic.getSnapshot().status, patience).toBe('live');
  const before = seen.length;
  await expect.poll(() => seen.length, patience).toBeGreaterThan(before + 3);
  expect(gaps, 'the topic retains enough to fill it').toBe(0);
  expect(seen.map(({ at }) => at)).toEqual(seen.map(({ at }) => at).toSorted((a, b) => a - b));
  subscription.unsubscribe();
});

test('refuses a core this machine does not have', async () => {
  const topic = client.topic('core', { core: os.cpus().length });
  const refused = new Promise((resolve) => topic.subscribe({ error: resolve }));
  expect(await refused).toMatchObject({ code: 'NOT_FOUND' });
});

test('reads a file through a cut and says what it got', { timeout: 30_000 }, async () => {
  const file = new Uint8Array(2_000_000);
  for (let at = 0; at < file.length; at++) file[at] = (at * 31 + (at >> 9)) & 255;
  const progress: number[] = [];
  const receipt = client.upload('file', { name: 'a.log', size: file.length }, file, {
    onProgress: ({ acked }) => progress.push(acked),
  });
  await expect.poll(() => progress.length, patience).toBeGreaterThan(0);
  await cutOnce();
  expect(await receipt).toMatchObject({
    size: file.length,
    sha256: createHash('sha256').update(file).digest('hex'),
  });
  expect(progress.at(-1)).toBe(file.length);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
});

test('refuses a file that is too big before it reads any of it', async () => {
  const size = largestFile + 1;
  await expect(client.upload('file', { name: 'a.log', size }, new Uint8Array(10))).rejects.toMatchObject({
    code: 'TOO_BIG',
    data: { most: largestFile },
  });
});
