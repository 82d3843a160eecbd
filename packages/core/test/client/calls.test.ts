import { HawserError, type Problem } from '@hawser/core';
import { describe, expect, it } from 'vitest';
import { bedOf, rejection } from './bed.ts';

function throwIt(thrown: unknown): never {
  throw thrown as Error;
}

describe('calls to the server', () => {
  it('of a name the contract does not have is refused in the way it was made', async () => {
    await using bed = bedOf();
    const client = bed.client as unknown as Record<'call' | 'safeCall', (name: string) => Promise<unknown>>;
    const error = expect.objectContaining({ code: 'UNIMPLEMENTED', executed: 'no' }) as Error;
    await expect(client.call('nobody')).rejects.toEqual(error);
    await expect(client.safeCall('nobody')).resolves.toEqual({ ok: false, error });
  });

  it('answer, fail by the contract, and fail by the system', async () => {
    await using bed = bedOf();
    bed.server.handle('double', (n, { fail }) => (n % 2 === 0 ? n * 2 : fail('ODD', { n })));
    expect(await bed.client.call('double', 4)).toBe(8);
    await expect(bed.client.call('double', 3)).rejects.toMatchObject({
      name: 'HawserError',
      code: 'ODD',
      origin: 'domain',
      data: { n: 3 },
      executed: 'yes',
      retryable: false,
    });
    await expect(bed.client.call('slow')).rejects.toMatchObject({ code: 'UNIMPLEMENTED', executed: 'no' });
    await expect(bed.client.call('double', 'x' as unknown as number)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      executed: 'no',
    });
    const safe = await bed.client.safeCall('double', 5);
    expect(safe).toMatchObject({ ok: false, error: { code: 'ODD' } });
  });

  it('keeps what a handler threw inside, joined by a correlation id', async () => {
    await using bed = bedOf();
    bed.server.handle('double', () => {
      throw new Error('password is hunter2');
    });
    const error = await rejection(bed.client.call('double', 2));
    expect(error).toMatchObject({ code: 'INTERNAL', executed: 'maybe' });
    expect(JSON.stringify(error) + error.message).not.toContain('hunter2');
    const { correlationId } = (error as HawserError<string, { correlationId: string }>).data;
    expect(bed.server.problems).toMatchObject([
      {
        kind: 'handler-error',
        name: 'double',
        error: { data: { correlationId }, cause: { message: 'password is hunter2' } },
      },
    ]);
  });

  it.each([
    ['null', () => Promise.reject(null as unknown as Error)],
    ['undefined at once', () => throwIt(undefined)],
    ['a text', () => throwIt('text')],
    ['an error, later', () => Promise.reject(new Error('late'))],
    ['a proxy', () => throwIt(new Proxy({}, { get: () => throwIt('trap') }))],
  ])('survives a handler that throws %s', async (_, handler) => {
    await using bed = bedOf();
    bed.server.handle('double', handler as unknown as () => number);
    await expect(bed.client.call('double', 2)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(bed.client.state.status).toBe('connected');
  });

  it('refuses an answer that does not match the contract', async () => {
    await using bed = bedOf();
    bed.server.handle('double', () => 'four' as unknown as number);
    await expect(bed.client.call('double', 2)).rejects.toMatchObject({ code: 'INVALID_OUTPUT', executed: 'yes' });
  });

  it('times out here and fires the signal there', async () => {
    await using bed = bedOf();
    let signal: AbortSignal | undefined;
    bed.server.handle('slow', (_, context) => {
      signal = context.signal;
      return new Promise<string>(() => undefined);
    });
    const failed = rejection(bed.client.call('slow', undefined, { timeout: 2_000 }));
    await bed.clock.advance(2_100);
    expect(await failed).toMatchObject({ code: 'TIMEOUT', executed: 'maybe', retryable: false });
    expect(signal?.aborted).toBe(true);
  });

  it('cancels by its signal, with the reason, here and there', async () => {
    await using bed = bedOf();
    let aborted = false;
    bed.server.handle('slow', (_, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise<string>(() => undefined);
    });
    const controller = new AbortController();
    const failed = rejection(bed.client.call('slow', undefined, { signal: controller.signal }));
    await bed.clock.settle();
    controller.abort(new Error('changed my mind'));
    await bed.clock.settle();
    expect((await failed).message).toBe('changed my mind');
    expect(aborted).toBe(true);
    expect((await rejection(bed.client.call('slow', undefined, { signal: controller.signal }))).message).toBe(
      'changed my mind',
    );
  });

  it('returns every error from safeCall, and throws the reason of its signal alone', async () => {
    await using bed = bedOf();
    bed.server.handle('slow', () => new Promise<string>(() => undefined));
    bed.server.handle('double', (n, { fail }) => fail('ODD', { n }));
    const late = bed.client.safeCall('slow', undefined, { timeout: 1_000 });
    const controller = new AbortController();
    const stopped = rejection(bed.client.safeCall('slow', undefined, { signal: controller.signal }));
    await bed.clock.advance(1_500);
    expect(await late).toMatchObject({ ok: false, error: { origin: 'system', code: 'TIMEOUT', executed: 'maybe' } });
    expect(await bed.client.safeCall('double', 3)).toMatchObject({
      ok: false,
      error: { origin: 'domain', code: 'ODD', data: { n: 3 }, executed: 'yes' },
    });
    // Also when it looks like an error of the call.
    const reason = new HawserError('system', 'TIMEOUT', 'mine');
    controller.abort(reason);
    expect(await stopped).toBe(reason);
  });

  it('never sends a call that timed out or was cancelled while offline', async () => {
    await using bed = bedOf();
    let runs = 0;
    bed.server.handle('double', (n) => {
      runs += 1;
      return n;
    });
    bed.link.refuse(1_000);
    const controller = new AbortController();
    const late = rejection(bed.client.call('double', 2, { timeout: 1_000 }));
    const gone = rejection(bed.client.call('double', 4, { signal: controller.signal }));
    await bed.clock.advance(1_500);
    controller.abort(new Error('gone'));
    expect(await late).toMatchObject({ code: 'TIMEOUT', executed: 'no', retryable: true });
    expect((await gone).message).toBe('gone');
    bed.link.refuse(0);
    await bed.clock.advance(60_000);
    expect(bed.client.state.status).toBe('connected');
    expect(runs).toBe(0);
  });

  it('tells UNKNOWN_OUTCOME from what never left when the session is lost', async () => {
    await using bed = bedOf({ client: { requeueUnsent: false } });
    bed.server.handle('slow', () => new Promise<string>(() => undefined));
    await bed.client.connect();
    const left = rejection(bed.client.call('slow'));
    await bed.clock.settle();
    bed.server.restart();
    const stayed = rejection(bed.client.call('slow'));
    await bed.clock.advance(20_000);
    expect(await left).toMatchObject({ code: 'UNKNOWN_OUTCOME', executed: 'maybe', retryable: false });
    expect(await stayed).toMatchObject({ code: 'SESSION_LOST', executed: 'no', retryable: true });
  });

  it('carries a call that never left into the next session', async () => {
    await using bed = bedOf();
    await bed.client.connect();
    bed.server.restart();
    bed.server.handle('double', (n) => n * 2);
    const answer = bed.client.call('double', 21);
    await bed.clock.advance(20_000);
    expect(await answer).toBe(42);
  });

  it('caps calls in flight, and lets calls over the running handlers wait', async () => {
    const running: ((text: string) => void)[] = [];
    await using bed = bedOf({ server: { accepts: { frame: 262_144, msg: 200_000, inflight: 4 }, runningHandlers: 2 } });
    bed.server.handle('slow', () => new Promise<string>((resolve) => running.push(resolve)));
    await bed.client.connect();
    const calls = Array.from({ length: 4 }, () => bed.client.call('slow'));
    await bed.clock.settle();
    await expect(bed.client.call('slow')).rejects.toMatchObject({ code: 'RATE_LIMITED', executed: 'no' });
    expect(running.length).toBe(2);
    running[0]?.('a');
    await bed.clock.settle();
    expect(running.length).toBe(3);
    for (const finish of running) finish('b');
    await bed.clock.settle();
    running[3]?.('c');
    expect(await Promise.all(calls)).toEqual(['a', 'b', 'b', 'c']);
  });
});

describe('calls to the client', () => {
  it('answer, and reach the handler in place', async () => {
    await using bed = bedOf();
    const stop = bed.client.handle('ask', (question) => question.length);
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    expect(await peer?.call('ask', 'four')).toBe(4);
    expect(() => bed.client.handle('ask', () => 1)).toThrow(TypeError);
    stop();
    await expect(peer?.call('ask', 'x')).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
    bed.client.handle('ask', () => 7);
    expect(await peer?.call('ask', 'x')).toBe(7);
  });

  it('wait for a client that is away, and fail when its session ends', async () => {
    await using bed = bedOf({ server: { registry: { window: 30_000, sessions: 10, detachedBytes: 1_000_000 } } });
    bed.client.handle('ask', () => 1);
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    bed.link.drop();
    const waits = peer?.call('ask', 'x');
    await bed.clock.advance(10_000);
    expect(await waits).toBe(1);
    bed.link.refuse(1_000);
    bed.link.drop();
    const lost = rejection(peer?.call('ask', 'y', { timeout: 120_000 }) as Promise<unknown>);
    await bed.clock.advance(31_000);
    expect(await lost).toMatchObject({ code: 'SESSION_LOST', executed: 'no' });
    expect(peer?.ended).toMatchObject({ why: 'expired' });
    expect(() => peer?.send('news', { at: 0, text: '' })).toThrow(HawserError);
  });

  it('does not report a handler that stops with the reason of its signal, which is how it is told to', async () => {
    await using bed = bedOf();
    const problems: Problem[] = [];
    bed.client.onProblem((problem) => problems.push(problem));
    const reasons: unknown[] = [];
    bed.client.handle(
      'ask',
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(signal.reason as Error);
          });
        }),
    );
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    const stop = new AbortController();
    const cancelled = rejection(peer?.call('ask', 'x', { signal: stop.signal }) as Promise<unknown>);
    const late = rejection(peer?.call('ask', 'y', { timeout: 500 }) as Promise<unknown>);
    await bed.clock.advance(100);
    stop.abort(new Error('enough'));
    await bed.clock.advance(1_000);
    expect([(await cancelled).message, (await late).code]).toEqual(['enough', 'TIMEOUT']);
    expect(reasons).toHaveLength(2);
    expect(problems).toEqual([]);
  });

  it('reports a handler that threw', async () => {
    await using bed = bedOf();
    const problems: Problem[] = [];
    bed.client.onProblem((problem) => problems.push(problem));
    bed.client.handle('ask', () => {
      throw new Error('boom');
    });
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    await expect(peer?.call('ask', 'x')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(problems).toMatchObject([{ kind: 'handler-error', name: 'ask', error: { cause: { message: 'boom' } } }]);
  });
});
