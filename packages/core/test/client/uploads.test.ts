import { afterEach, describe, expect, it } from 'vitest';
import type { UploadSource } from '@hawser/core';
import { msgpackCodec } from '@hawser/core/msgpack';
import type { TestBed } from '@hawser/core/testing';
import { rejection } from './bed.ts';
import { chunksOf, depotBed, eventually, sample, sumOf, weigh, type Depot } from './bulk-bed.ts';

let bed: TestBed<Depot>;
afterEach(async () => {
  await bed[Symbol.asyncDispose]();
  expect(bed.clock.pending).toBe(0);
});

const data = sample(300_000);
const whole = { size: data.length, sum: sumOf(data) };

async function* pieces(sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  // The same buffer again and again, as readers of files do.
  const buffer = new Uint8Array(100_000);
  let at = 0;
  for (const size of sizes) {
    buffer.set(data.subarray(at, at + size));
    at += size;
    yield buffer.subarray(0, size);
    await Promise.resolve();
  }
}

describe('sources', () => {
  const sizes = [0, 1, 99_999, 1_024, 0, 65_536, 65_537, 67_903];
  const stream = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < data.length; at += 70_001) controller.enqueue(data.slice(at, at + 70_001));
        controller.close();
      },
    });
  it.each<[string, () => UploadSource, number | undefined]>([
    ['a Uint8Array', () => data, 300_000],
    ['part of a buffer', () => new Uint8Array([...[1, 2, 3], ...data]).subarray(3), 300_000],
    ['an ArrayBuffer', () => data.slice().buffer as ArrayBuffer, 300_000],
    ['a Blob', () => new Blob([data as Uint8Array<ArrayBuffer>]), 300_000],
    ['a ReadableStream', stream, undefined],
    ['an async iterable that uses its buffer again', () => pieces(sizes), undefined],
    ['an iterable', () => [data.subarray(0, 5), data.subarray(5)], undefined],
  ])('%s', async (_, source, total) => {
    bed = depotBed();
    bed.server.handle('file', weigh);
    const told: number[] = [];
    const uploaded = bed.client.upload('file', 'x', source(), {
      onProgress: (progress) => {
        told.push(progress.acked);
        expect(progress.total).toBe(total);
      },
    });
    await eventually(bed, () => told.at(-1) === data.length);
    expect(await uploaded).toEqual(whole);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it('nothing at all', async () => {
    bed = depotBed();
    bed.server.handle('file', weigh);
    const uploaded = bed.client.upload('file', 'x', new Uint8Array(0));
    await bed.clock.advance(100);
    expect(await uploaded).toEqual({ size: 0, sum: 1 });
  });

  it('something else is refused', async () => {
    bed = depotBed();
    bed.server.handle('file', weigh);
    const { code } = await rejection(bed.client.upload('file', 'x', 'text' as never));
    expect(code).toBe('INVALID_INPUT');
    expect((await rejection(bed.client.upload('file', 'x', [5] as never))).code).toBe('INVALID_INPUT');
  });

  it('that fail end the upload on both sides, with what they threw', async () => {
    bed = depotBed();
    let stopped: unknown;
    bed.server.handle('file', (_, { chunks, signal }) => {
      signal.addEventListener('abort', () => (stopped = signal.reason));
      return weigh('', { chunks });
    });
    const broken = new Error('the disk is gone');
    const source = (async function* () {
      yield data;
      await Promise.resolve();
      throw broken;
    })();
    const uploaded = rejection(bed.client.upload('file', 'x', source));
    await bed.clock.advance(1_000);
    expect(await uploaded).toBe(broken);
    expect(stopped).toMatchObject({ code: 'CANCELLED' });
  });
});

describe('chunks', () => {
  it.each([
    [1, 1_024],
    [10_000, 10_000],
    [1_000_000, 65_536],
    [undefined, 16_384],
  ])('asked to be of %s bytes are of %i', async (chunkSize, size) => {
    bed = depotBed();
    bed.server.handle('file', weigh);
    const uploaded = bed.client.upload('file', 'x', data, chunkSize === undefined ? {} : { chunkSize });
    await bed.clock.advance(1_000);
    expect(await uploaded).toEqual(whole);
    const sizes = chunksOf(bed).map(({ bytes }) => bytes.length);
    expect(new Set(sizes.slice(0, -1))).toEqual(new Set([size]));
  });

  it('fit a server that takes little', async () => {
    bed = depotBed({ server: { accepts: { frame: 4_096, msg: 100_000, inflight: 8 } } });
    bed.server.handle('file', weigh);
    const uploaded = bed.client.upload('file', 'x', data, { chunkSize: 65_536 });
    await bed.clock.advance(1_000);
    expect(await uploaded).toEqual(whole);
    expect(Math.max(...bed.link.log.map((entry) => entry.data?.length ?? 0))).toBeLessThanOrEqual(4_096);
  });
});

describe('a cut', () => {
  const parts = Math.ceil(data.length / 16_384) + 1;
  describe.each([
    ['json', undefined],
    ['msgpack', msgpackCodec],
  ])('%s', (_, codec) => {
    it.each(Array.from({ length: parts }, (__, i) => i))('after %i chunks changes nothing', async (count) => {
      bed = depotBed({}, codec);
      bed.link.conditions({ latency: 20 });
      let runs = 0;
      bed.server.handle('file', (input, context) => {
        runs += 1;
        return weigh(input, context);
      });
      const told: number[] = [];
      const uploaded = bed.client.upload('file', 'x', data, { onProgress: ({ acked }) => told.push(acked) });
      await eventually(bed, () => chunksOf(bed).length >= count && bed.client.state.status === 'connected', 5_000, 1);
      bed.link.drop({ late: count % 2 === 0 });
      await eventually(bed, () => told.at(-1) === data.length);
      expect(await uploaded).toEqual(whole);
      expect(runs).toBe(1);
      const seqs = chunksOf(bed).map(({ seq }) => seq);
      const again = seqs.length - new Set(seqs).size;
      // No more than was on its way.
      expect(again).toBeLessThanOrEqual(12);
    });
  });

  it('of many goes on where it stopped', async () => {
    bed = depotBed();
    bed.link.conditions({ latency: 30, jitter: 20 });
    bed.server.handle('file', weigh);
    const big = sample(3_000_000);
    const uploaded = bed.client.upload('file', 'x', big);
    for (let cuts = 0; cuts < 20; cuts += 1) {
      await bed.clock.advance(150 + cuts * 37);
      bed.link.drop({ late: cuts % 3 === 0 });
    }
    await bed.clock.advance(20_000);
    expect(await uploaded).toEqual({ size: big.length, sum: sumOf(big) });
    expect(bed.server.peers.size).toBe(1);
  });
});

describe('a slow handler', () => {
  it('lets no more come than 1 MiB beyond what it read, and the source waits', async () => {
    bed = depotBed();
    let next: (() => void) | undefined;
    let read = 0;
    bed.server.handle('file', async (_, { chunks }) => {
      for await (const chunk of chunks) {
        read += chunk.length;
        if (read % 524_288 < chunk.length) await new Promise<void>((resolve) => (next = resolve));
      }
      return { size: read, sum: 0 };
    });
    let given = 0;
    const source = (async function* () {
      for (; given < 5_000_000; given += 50_000) {
        yield new Uint8Array(50_000);
        await Promise.resolve();
      }
    })();
    const uploaded = bed.client.upload('file', 'x', source);
    for (let round = 0; round < 30; round += 1) {
      await bed.clock.advance(2_000);
      const sent = chunksOf(bed).reduce((sum, { bytes }) => sum + bytes.length, 0);
      expect(sent - read).toBeLessThanOrEqual(1_048_576);
      expect(given - sent).toBeLessThanOrEqual(2 * 1_048_576);
      next?.();
    }
    expect(await uploaded).toMatchObject({ size: 5_000_000 });
  });

  it('is not taken for an idle upload, however long it thinks', async () => {
    bed = depotBed();
    bed.server.handle('file', async (_, { chunks }) => {
      await new Promise<void>((resolve) => void bed.clock.setTimer(resolve, 300_000));
      return weigh('', { chunks });
    });
    const uploaded = bed.client.upload('file', 'x', sample(2_000_000));
    await bed.clock.advance(310_000);
    expect(await uploaded).toMatchObject({ size: 2_000_000 });
  });
});

describe('an end before the end', () => {
  it('of the handler, by leaving the loop: the rest is not sent', async () => {
    bed = depotBed();
    bed.link.conditions({ latency: 20 });
    bed.server.handle('file', async (_, { chunks }) => {
      for await (const chunk of chunks) return { size: chunk.length, sum: 0 };
      return { size: 0, sum: 0 };
    });
    let ended = false;
    const source = (async function* () {
      try {
        for (;;) {
          yield sample(20_000);
          await Promise.resolve();
        }
      } finally {
        ended = true;
      }
    })();
    const uploaded = bed.client.upload('file', 'x', source);
    await bed.clock.advance(1_000);
    expect(await uploaded).toEqual({ size: 16_384, sum: 0 });
    const sent = chunksOf(bed).length;
    await bed.clock.advance(1_000);
    expect(chunksOf(bed).length).toBe(sent);
    expect(ended).toBe(true);
    bed.client.send('other', 1);
    await bed.clock.advance(2_000);
    expect(bed.client.state.status).toBe('connected');
  });

  it('by an error of the contract reaches the opener at once', async () => {
    bed = depotBed();
    bed.server.handle('file', async (_, { chunks, fail }) => {
      for await (const _chunk of chunks) fail('FULL', { left: 5 });
      return { size: 0, sum: 0 };
    });
    const failed = rejection(bed.client.upload('file', 'x', sample(5_000_000)));
    await bed.clock.advance(500);
    expect(await failed).toMatchObject({ code: 'FULL', data: { left: 5 } });
    expect(chunksOf(bed).length).toBeLessThan(100);
  });

  it('by the signal stops the handler and the source', async () => {
    bed = depotBed();
    let caught: unknown;
    bed.server.handle('file', async (_, { chunks }) => {
      try {
        return await weigh('', { chunks });
      } catch (error) {
        caught = error;
        throw error;
      }
    });
    const stop = new AbortController();
    let cancelled: unknown;
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(sample(1_000));
        return new Promise(() => undefined);
      },
      cancel: () => void (cancelled = true),
    });
    const uploaded = rejection(bed.client.upload('file', 'x', source, { signal: stop.signal }));
    await bed.clock.advance(100);
    stop.abort(new Error('enough'));
    expect((await uploaded).message).toBe('enough');
    await bed.clock.advance(100);
    expect(caught).toMatchObject({ code: 'CANCELLED' });
    expect(cancelled).toBe(true);
  });

  it('by its timeout', async () => {
    bed = depotBed();
    bed.server.handle('file', () => new Promise(() => undefined));
    const failed = rejection(bed.client.upload('file', 'x', data, { timeout: 3_000 }));
    await bed.clock.advance(3_100);
    expect(await failed).toMatchObject({ code: 'TIMEOUT' });
  });

  it('by an idle source, after a minute with a connection', async () => {
    bed = depotBed();
    let stopped = false;
    bed.server.handle('file', (_, { chunks, signal }) => {
      signal.addEventListener('abort', () => (stopped = true));
      return weigh('', { chunks });
    });
    const never = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(sample(40_000)),
    });
    const failed = rejection(bed.client.upload('file', 'x', never));
    await bed.clock.advance(50_000);
    expect(stopped).toBe(false);
    await bed.clock.advance(15_000);
    expect(await failed).toMatchObject({ code: 'TIMEOUT' });
    expect(stopped).toBe(true);
    expect(bed.client.state.status).toBe('connected');
  });

  it('of the session: what may have run is unknown, what never left is not', async () => {
    bed = depotBed({ client: { requeueUnsent: false } });
    bed.server.handle('file', weigh);
    await bed.client.connect();
    const never = (): ReadableStream<Uint8Array> => new ReadableStream();
    const left = rejection(bed.client.upload('file', 'x', never()));
    await bed.clock.advance(100);
    bed.link.refuse(1);
    bed.link.drop();
    await bed.clock.settle();
    const waiting = rejection(bed.client.upload('file', 'y', never()));
    bed.server.restart();
    await bed.clock.advance(20_000);
    expect(await left).toMatchObject({ code: 'UNKNOWN_OUTCOME', executed: 'maybe' });
    expect(await waiting).toMatchObject({ code: 'SESSION_LOST', executed: 'no' });
  });

  it('of the session, before anything left: it goes on in the next', async () => {
    bed = depotBed();
    bed.server.handle('file', weigh);
    await bed.client.connect();
    bed.link.refuse(1);
    bed.link.drop();
    await bed.clock.settle();
    const uploaded = bed.client.upload('file', 'y', data);
    bed.server.restart();
    await bed.clock.advance(20_000);
    expect(await uploaded).toEqual(whole);
  });

  it('because nobody handles it', async () => {
    bed = depotBed();
    const failed = rejection(bed.client.upload('file', 'x', sample(3_000_000)));
    await bed.clock.advance(1_000);
    expect(await failed).toMatchObject({ code: 'UNIMPLEMENTED', executed: 'no' });
    await bed.clock.advance(5_000);
    expect(bed.client.state.status).toBe('connected');
  });
});

it('progress that throws is reported, and the upload goes on', async () => {
  bed = depotBed();
  bed.server.handle('file', weigh);
  const problems: string[] = [];
  bed.client.onProblem(({ kind }) => problems.push(kind));
  const uploaded = bed.client.upload('file', 'x', data, {
    onProgress: () => {
      throw new Error('my mistake');
    },
  });
  await bed.clock.advance(1_000);
  expect(await uploaded).toEqual(whole);
  expect(new Set(problems)).toEqual(new Set(['handler-error']));
});

it('tell no progress once they are over', async () => {
  bed = depotBed();
  bed.server.handle('file', weigh);
  await bed.client.connect();
  bed.link.conditions({ latency: 50 });
  const stop = new AbortController();
  const told: boolean[] = [];
  const onProgress = (): void => void told.push(stop.signal.aborted);
  const uploaded = rejection(bed.client.upload('file', 'x', data, { signal: stop.signal, onProgress }));
  await bed.clock.advance(120);
  stop.abort(new Error('enough'));
  await uploaded;
  await bed.clock.advance(3_000);
  expect(told).toContain(false);
  expect(told).not.toContain(true);
});
