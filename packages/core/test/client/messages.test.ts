import { HawserError, type Problem } from '@hawser/core';
import { describe, expect, it } from 'vitest';
import { bedOf, packetsOf, rejection } from './bed.ts';

describe('send', () => {
  it('packs what is sent in one tick into one packet, in order', async () => {
    await using bed = bedOf();
    const notes: number[] = [];
    bed.server.on('note', ({ n }) => notes.push(n));
    await bed.client.connect();
    for (let n = 0; n < 10; n += 1) bed.client.send('note', { n });
    await bed.clock.settle();
    expect(packetsOf(bed, 'client')).toEqual([Array.from({ length: 10 }, (_, n) => [1, 'note', { n }])]);
    expect(notes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('encodes at once: what changes afterwards is not sent', async () => {
    await using bed = bedOf();
    const notes: number[] = [];
    bed.server.on('note', ({ n }) => notes.push(n));
    const note = { n: 1 };
    bed.client.send('note', note);
    note.n = 2;
    await bed.client.connect();
    await bed.clock.settle();
    expect(notes).toEqual([1]);
  });

  it('rejects over the bound, drops nothing that was taken, and says the figures', async () => {
    await using bed = bedOf({ client: { buffer: { queueCount: 3 } } });
    bed.link.refuse(1_000);
    for (let n = 0; n < 3; n += 1) bed.client.send('note', { n });
    expect(() => bed.client.send('note', { n: 3 })).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL', origin: 'system', executed: 'no', retryable: true }) as Error,
    );
    const notes: number[] = [];
    bed.server.on('note', ({ n }) => notes.push(n));
    bed.link.refuse(0);
    await bed.clock.advance(60_000);
    expect(notes).toEqual([0, 1, 2]);
  });

  it.each([
    ['drop-oldest', [2, 3, 4]],
    ['drop-newest', [0, 1, 2]],
  ] as const)('%s keeps the bound and reports each drop', async (overflow, kept) => {
    await using bed = bedOf({ client: { overflow, buffer: { queueCount: 3 } } });
    const problems: Problem[] = [];
    bed.client.onProblem((problem) => problems.push(problem));
    const notes: number[] = [];
    bed.server.on('note', ({ n }) => notes.push(n));
    bed.link.refuse(1);
    for (let n = 0; n < 5; n += 1) bed.client.send('note', { n });
    await bed.clock.advance(60_000);
    expect(notes).toEqual(kept);
    expect(problems.map(({ kind, name, error }) => [kind, name, error.code])).toEqual([
      ['dropped', 'note', 'QUEUE_FULL'],
      ['dropped', 'note', 'QUEUE_FULL'],
    ]);
  });

  it('bounds the queue by bytes as well', async () => {
    await using bed = bedOf({ client: { buffer: { queueBytes: 100 } } });
    bed.link.refuse(1_000);
    const fill = (): void => {
      for (let n = 0; n < 20; n += 1) bed.client.send('note', { n });
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }) as Error);
  });

  it('never keeps volatile data for a later connection', async () => {
    await using bed = bedOf();
    const notes: number[] = [];
    bed.server.on('note', ({ n }) => notes.push(n));
    bed.client.send('note', { n: 1 }, { whenOffline: 'drop' });
    await bed.client.connect();
    bed.client.send('note', { n: 2 }, { whenOffline: 'drop' });
    await bed.clock.settle();
    bed.link.drop();
    bed.client.send('note', { n: 3 }, { whenOffline: 'drop' });
    await bed.clock.advance(60_000);
    expect(notes).toEqual([2]);
  });

  it('refuses what the other side would not take', async () => {
    await using bed = bedOf({ server: { accepts: { frame: 4_096, msg: 2_048, inflight: 8 } } });
    await bed.client.connect();
    const huge = { n: 1, pad: 'x'.repeat(3_000) };
    expect(() => bed.client.send('note', huge)).toThrow(
      expect.objectContaining({
        code: 'TOO_LARGE',
        data: expect.objectContaining({ limit: 2_048 }) as object,
      }) as Error,
    );
    expect(bed.client.state.status).toBe('connected');
  });

  it('takes a burst beyond the queue in one tick without cutting a healthy link, either way', async () => {
    await using bed = bedOf();
    let notes = 0;
    let news = 0;
    bed.server.on('note', () => {
      notes += 1;
    });
    bed.client.on('news', () => {
      news += 1;
    });
    await bed.client.connect();
    const text = 'x'.repeat(100_000);
    for (let n = 0; n < 12; n += 1) bed.server.broadcast('news', { at: 0, text });
    for (let n = 0; n < 15_000; n += 1) bed.client.send('note', { n });
    await bed.clock.advance(5_000);
    expect([notes, news, bed.link.connections]).toEqual([15_000, 12, 1]);
  });

  it('refuses what cannot be encoded', async () => {
    await using bed = bedOf();
    const cycle: { n: number; self?: unknown } = { n: 1 };
    cycle.self = cycle;
    expect(() => bed.client.send('note', cycle)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error);
    const evil = JSON.parse('{"n":1,"__proto__":{"a":1}}') as { n: number };
    expect(() => bed.client.send('note', evil)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error);
  });

  it("checks outbound payloads under validate: 'both'", async () => {
    await using bed = bedOf({ client: { validate: 'both' } });
    expect(() => bed.client.send('note', { n: 'one' as unknown as number })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }) as Error,
    );
    await expect(bed.client.call('double', 'two' as unknown as number)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('refuses names the contract does not have, at run time too', async () => {
    await using bed = bedOf();
    expect(() => bed.client.send('toString' as 'note', { n: 1 })).toThrow(
      expect.objectContaining({ code: 'UNIMPLEMENTED' }) as Error,
    );
    expect(() => bed.client.on('note' as 'news', () => undefined)).toThrow(HawserError);
  });
});

describe('on and once', () => {
  it('delivers what the schema made of the payload', async () => {
    await using bed = bedOf();
    const seen: unknown[] = [];
    bed.client.on('news', ({ at, text }) => seen.push([at instanceof Date, text]));
    await bed.client.connect();
    bed.server.broadcast('news', { at: 0, text: 'hello' });
    await bed.clock.settle();
    expect(seen).toEqual([[true, 'hello']]);
  });

  it('keeps a bad payload from the handler, reports it without the payload, and goes on', async () => {
    await using bed = bedOf();
    const seen: string[] = [];
    const problems: Problem[] = [];
    bed.client.on('news', ({ text }) => seen.push(text));
    bed.client.onProblem((problem) => problems.push(problem));
    await bed.client.connect();
    bed.server.broadcast('news', { at: 0, text: 's3cret' as unknown as string, extra: 1 } as never);
    bed.server.broadcast('news', { at: 'never', text: 's3cret' } as never);
    bed.server.broadcast('news', { at: 0, text: 'after' });
    await bed.clock.settle();
    expect(seen).toEqual(['s3cret', 'after']);
    expect(problems).toMatchObject([{ kind: 'invalid-message', name: 'news', error: { code: 'INVALID_INPUT' } }]);
    expect(problems[0]?.error.message).not.toContain('s3cret');
    expect(bed.client.state.status).toBe('connected');
  });

  it('does the same on the server, for that peer alone', async () => {
    await using bed = bedOf();
    const other = bed.connectClient();
    const notes: number[] = [];
    bed.server.on('note', ({ n }) => notes.push(n));
    bed.client.send('note', { n: 'x' as unknown as number });
    bed.client.send('note', { n: 1 });
    other.send('note', { n: 2 });
    await bed.clock.settle();
    expect(notes.sort((a, b) => a - b)).toEqual([1, 2]);
    expect(bed.server.problems).toMatchObject([{ kind: 'invalid-message', name: 'note' }]);
  });

  it('lets the other listeners run when one throws', async () => {
    await using bed = bedOf();
    const seen: string[] = [];
    const problems: Problem[] = [];
    bed.client.onProblem((problem) => problems.push(problem));
    bed.client.on('news', () => {
      throw new Error('boom');
    });
    bed.client.on('news', ({ text }) => seen.push(text));
    await bed.client.connect();
    bed.server.broadcast('news', { at: 0, text: 'one' });
    bed.server.broadcast('news', { at: 0, text: 'two' });
    await bed.clock.settle();
    expect(seen).toEqual(['one', 'two']);
    expect(problems.map(({ kind, error }) => [kind, (error.cause as Error).message])).toEqual([
      ['handler-error', 'boom'],
      ['handler-error', 'boom'],
    ]);
  });

  it('stops by function and by signal', async () => {
    await using bed = bedOf();
    const seen: string[] = [];
    const controller = new AbortController();
    const stop = bed.client.on('news', () => seen.push('function'));
    bed.client.on('news', () => seen.push('signal'), { signal: controller.signal });
    await bed.client.connect();
    const tell = async (): Promise<void> => {
      bed.server.broadcast('news', { at: 0, text: '' });
      await bed.clock.settle();
    };
    await tell();
    stop();
    await tell();
    controller.abort();
    await tell();
    expect(seen).toEqual(['function', 'signal', 'signal']);
  });

  it('once resolves with the next, times out, and follows its signal', async () => {
    await using bed = bedOf();
    await bed.client.connect();
    const next = bed.client.once('news');
    bed.server.broadcast('news', { at: 0, text: 'first' });
    bed.server.broadcast('news', { at: 0, text: 'second' });
    await bed.clock.settle();
    expect((await next).text).toBe('first');

    const late = rejection(bed.client.once('news', { timeout: 1_000 }));
    await bed.clock.advance(1_001);
    expect(await late).toMatchObject({ code: 'TIMEOUT' });

    const controller = new AbortController();
    const aborted = rejection(bed.client.once('news', { signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect((await aborted).message).toBe('enough');
    expect((await rejection(bed.client.once('news', { signal: controller.signal }))).message).toBe('enough');
  });
});
