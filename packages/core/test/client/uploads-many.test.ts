import { afterEach, describe, expect, it } from 'vitest';
import type { TestBed } from '@hawser/core/testing';
import { rejection } from './bed.ts';
import { depotBed, sample, sumOf, weigh, type Depot } from './bulk-bed.ts';

let bed: TestBed<Depot>;
afterEach(async () => {
  await bed[Symbol.asyncDispose]();
  expect(bed.clock.pending).toBe(0);
});

const data = sample(300_000);
const whole = { size: data.length, sum: sumOf(data) };

describe('many', () => {
  it('take turns, and no more run than the other side takes', async () => {
    bed = depotBed();
    bed.link.conditions({ latency: 5 });
    let running = 0;
    let most = 0;
    bed.server.handle('file', async (_, { chunks }) => {
      running += 1;
      most = Math.max(most, running);
      const result = await weigh('', { chunks });
      running -= 1;
      return result;
    });
    const uploads = Array.from({ length: 40 }, () => bed.client.upload('file', 'x', data));
    for (let i = 0; i < 30; i += 1) bed.client.send('note', { n: i, text: 'x'.repeat(80_000) });
    await bed.clock.advance(60_000);
    for (const uploaded of uploads) expect(await uploaded).toEqual(whole);
    expect(most).toBeGreaterThan(5);
    expect(most).toBeLessThanOrEqual(16);
  });

  it('one that waits for its turn can be given up', async () => {
    bed = depotBed();
    bed.server.handle('file', weigh);
    const never = (): ReadableStream<Uint8Array> => new ReadableStream();
    const stop = new AbortController();
    const first = Array.from({ length: 11 }, () =>
      rejection(bed.client.upload('file', 'x', never(), { signal: stop.signal })),
    );
    const late = rejection(bed.client.upload('file', 'x', data, { timeout: 500 }));
    const next = bed.client.upload('file', 'x', data);
    await bed.clock.advance(600);
    expect(await late).toMatchObject({ code: 'TIMEOUT', executed: 'no' });
    stop.abort(new Error('enough'));
    await Promise.all(first);
    await bed.clock.advance(1_000);
    expect(await next).toEqual(whole);
  });
});

const never = (): ReadableStream<Uint8Array> => new ReadableStream();

describe('that wait for their turn', () => {
  it('fail with the client when it is closed', async () => {
    bed = depotBed();
    bed.server.handle('file', weigh);
    await bed.client.connect();
    const codes: unknown[] = [];
    for (let i = 0; i < 30; i += 1)
      void rejection(bed.client.upload('file', 'x', never())).then(({ code }) => codes.push(code));
    await bed.clock.advance(100);
    await bed.client.close();
    await bed.clock.advance(100);
    expect(codes).toHaveLength(30);
    // Those that had begun may have been taken.
    expect(codes.filter((code) => code === 'UNAVAILABLE')).toHaveLength(19);
    expect(codes.filter((code) => code === 'UNKNOWN_OUTCOME')).toHaveLength(11);
  });

  it('fail with the session they were to be sent in, at the server', async () => {
    bed = depotBed();
    bed.client.handle('film', () => new Promise<number>(() => undefined));
    await bed.client.connect();
    const codes: unknown[] = [];
    for (const peer of bed.server.peers.values())
      for (let i = 0; i < 30; i += 1)
        void rejection(peer.upload('film', undefined, never())).then(({ code }) => codes.push(code));
    await bed.clock.advance(100);
    await bed.client.close();
    await bed.clock.advance(100);
    expect(codes).toHaveLength(30);
  });

  it('are no more than may wait; the next one is refused and its source let go', async () => {
    bed = depotBed({ client: { buffer: { queueCount: 20 } } });
    bed.server.handle('file', weigh);
    await bed.client.connect();
    const stop = new AbortController();
    const codes: unknown[] = [];
    for (let i = 0; i < 11 + 20; i += 1)
      void rejection(bed.client.upload('file', 'x', never(), { signal: stop.signal })).then(({ message }) =>
        codes.push(message),
      );
    await bed.clock.advance(100);
    expect(codes).toEqual([]);
    let cancelled = 0;
    const source = new ReadableStream<Uint8Array>({ cancel: () => void (cancelled += 1) });
    const refused = await rejection(bed.client.upload('file', 'x', source));
    expect(refused).toMatchObject({ code: 'QUEUE_FULL', executed: 'no', retryable: true });
    expect(refused.message).toMatch(/20 uploads wait.*Wait for some.*buffer\.queueCount/);
    expect(cancelled).toBe(1);
    // A refusal takes nobody's turn: when there is room again, one may wait and then run.
    stop.abort(new Error('enough'));
    await bed.clock.advance(100);
    expect(codes).toHaveLength(31);
    const next = bed.client.upload('file', 'x', data);
    await bed.clock.advance(2_000);
    expect(await next).toEqual(whole);
  });

  it('are forgotten when they are given up, however many', async () => {
    bed = depotBed();
    bed.server.handle('file', weigh);
    await bed.client.connect();
    const [running, waiting] = [new AbortController(), new AbortController()];
    const upload = (signal: AbortSignal): Promise<unknown> =>
      rejection(bed.client.upload('file', 'x', never(), { signal }));
    const first = Array.from({ length: 11 }, () => upload(running.signal));
    const others = Array.from({ length: 10_000 }, () => upload(waiting.signal));
    await bed.clock.advance(10);
    waiting.abort(new Error('enough'));
    running.abort(new Error('enough'));
    await Promise.all([...first, ...others]);
    const next = bed.client.upload('file', 'x', data);
    await bed.clock.advance(2_000);
    expect(await next).toEqual(whole);
  });
});

describe('from the server', () => {
  it('works the same way, with a cut', async () => {
    bed = depotBed();
    bed.link.conditions({ latency: 20 });
    bed.client.handle('film', async (_, { chunks }) => {
      let size = 0;
      for await (const chunk of chunks) size += chunk.length;
      return size;
    });
    await bed.clock.advance(100);
    const [peer] = bed.server.peers.values();
    const uploaded = peer?.upload('film', undefined, sample(1_000_000));
    await bed.clock.advance(150);
    bed.link.drop();
    await bed.clock.advance(10_000);
    expect(await uploaded).toBe(1_000_000);
  });

  it('ends with TIMEOUT when it brings nothing for a minute although it may, and the handler is told to stop', async () => {
    bed = depotBed();
    let stopped = 0;
    bed.client.handle('film', async (_, { chunks, signal }) => {
      signal.addEventListener('abort', () => (stopped += 1));
      let size = 0;
      for await (const chunk of chunks) size += chunk.length;
      return size;
    });
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    if (!peer) throw new Error('no peer');
    const idle = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(sample(40_000)) });
    const failed = rejection(peer.upload('film', undefined, idle));
    await bed.clock.advance(50_000);
    expect(stopped).toBe(0);
    await bed.clock.advance(15_000);
    expect(await failed).toMatchObject({ code: 'TIMEOUT' });
    expect(stopped).toBe(1);
    expect(bed.client.state.status).toBe('connected');
    expect(await peer.upload('film', undefined, sample(10)).catch((error: unknown) => error)).toBe(10);
  });

  it('is cancelled by its signal: handler and source are told', async () => {
    bed = depotBed();
    let caught: unknown;
    bed.client.handle('film', async (_, { chunks }) => {
      let size = 0;
      try {
        for await (const chunk of chunks) size += chunk.length;
      } catch (error) {
        caught = error;
        throw error;
      }
      return size;
    });
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    if (!peer) throw new Error('no peer');
    const stop = new AbortController();
    let cancelled = 0;
    const source = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(sample(40_000)),
      cancel: () => void (cancelled += 1),
    });
    const uploaded = rejection(peer.upload('film', undefined, source, { signal: stop.signal }));
    await bed.clock.advance(100);
    stop.abort(new Error('enough'));
    expect((await uploaded).message).toBe('enough');
    await bed.clock.advance(100);
    expect(caught).toMatchObject({ code: 'CANCELLED' });
    expect(cancelled).toBe(1);
  });
});
