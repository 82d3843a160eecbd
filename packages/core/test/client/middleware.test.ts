import { refusal, type CallMiddleware, type HawserError } from '@hawser/core';
import type { AnyMiddleware } from '@hawser/core/endpoint';
import { describe, expect, it } from 'vitest';
import { bedOf, packetsOf, rejection } from './bed.ts';

/** Middleware that notes what passes. */
function noting(notes: unknown[], tag: string): AnyMiddleware {
  return async ({ kind, name, input, context, next }) => {
    notes.push([tag, 'in', kind, name, input, { ...context }]);
    try {
      const passed = await next({ [tag]: true });
      notes.push([tag, 'out', passed.output]);
      return passed;
    } catch (error) {
      notes.push([tag, 'threw', (error as Error & { code?: string }).code ?? (error as Error).message]);
      throw error;
    }
  };
}

describe('middleware around handlers', () => {
  it('sees what is asked, adds to the context, sees the outcome, outermost first', async () => {
    const notes: unknown[] = [];
    await using bed = bedOf({ server: { middleware: [noting(notes, 'a'), noting(notes, 'b')] } });
    bed.server.handle('double', (n, context) => {
      const { a, b } = context as unknown as { a: boolean; b: boolean };
      notes.push(['handler', a, b, context.traceparent]);
      return n % 2 === 0 ? n * 2 : context.fail('ODD', { n });
    });
    expect(await bed.client.call('double', 4, { traceparent: '00-1-2-01' })).toBe(8);
    expect(notes).toEqual([
      ['a', 'in', 'call', 'double', 4, {}],
      ['b', 'in', 'call', 'double', 4, { a: true }],
      ['handler', true, true, '00-1-2-01'],
      ['b', 'out', 8],
      ['a', 'out', 8],
    ]);
    notes.length = 0;
    await expect(bed.client.call('double', 3)).rejects.toMatchObject({ code: 'ODD', data: { n: 3 } });
    expect(notes.slice(2)).toEqual([
      ['handler', true, true, undefined],
      ['b', 'threw', 'ODD'],
      ['a', 'threw', 'ODD'],
    ]);
  });

  it('refuses by throwing a refusal, before the handler runs; everything else it throws stays inside', async () => {
    let error: unknown = refusal('FORBIDDEN', 'Not for you.', { retryAfter: 500 });
    let runs = 0;
    await using bed = bedOf({ server: { middleware: [() => Promise.reject(error)] } });
    bed.server.handle('slow', () => {
      runs += 1;
      return 'x';
    });
    await expect(bed.client.call('slow')).rejects.toMatchObject({
      code: 'FORBIDDEN',
      origin: 'system',
      message: 'Not for you.',
      retryAfter: 500,
    });
    error = new Error('password is hunter2');
    const told = await rejection(bed.client.call('slow'));
    expect(told).toMatchObject({ code: 'INTERNAL' });
    expect(told.message).not.toContain('hunter2');
    expect(runs).toBe(0);
    expect(bed.server.problems).toMatchObject([{ error: { cause: { message: 'password is hunter2' } } }]);
  });

  it('also runs around the handlers of one peer, and knows who asks and when to stop', async () => {
    const seen: unknown[] = [];
    const middleware: AnyMiddleware = async ({ auth, peer, signal, next }) => {
      seen.push(auth, peer.id);
      signal.addEventListener('abort', () => seen.push('stopped'));
      return next();
    };
    await using bed = bedOf({ client: { auth: 'ada' }, server: { middleware: [middleware] } });
    await bed.client.connect();
    const [peer] = bed.server.peers.values();
    peer?.handle('slow', () => new Promise<string>(() => undefined));
    const late = rejection(bed.client.call('slow', undefined, { timeout: 1_000 }));
    await bed.clock.advance(1_100);
    expect(await late).toMatchObject({ code: 'TIMEOUT' });
    expect(seen).toEqual(['ada', bed.client.sessionId, 'stopped']);
  });

  it.each<[string, AnyMiddleware]>([
    ['goes on twice', async ({ next }) => next().then(() => next())],
    ['returns something of its own', () => Promise.resolve({ output: 'x' })],
    ['returns nothing', () => Promise.resolve(undefined as never)],
    ['takes the place of the signal', ({ next }) => next({ signal: 1 })],
  ])('that %s fails the call, and says so at the server', async (_, middleware) => {
    await using bed = bedOf({ server: { middleware: [middleware] } });
    bed.server.handle('slow', () => 'x');
    await expect(bed.client.call('slow')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(bed.server.problems.map(({ error }) => (error.cause as Error).message)).toEqual([
      expect.stringMatching(/middleware/),
    ]);
  });
});

describe('middleware around outgoing calls', () => {
  it('sees name, input and options, changes options, sees the outcome', async () => {
    const notes: unknown[] = [];
    const trace: CallMiddleware = async ({ name, input, options, next }) => {
      notes.push([name, input, options]);
      const output = await next({ traceparent: '00-1-2-01' });
      notes.push(output);
      return output;
    };
    const inner: CallMiddleware = ({ options, next }) => {
      notes.push(options);
      return next();
    };
    await using bed = bedOf({ client: { middleware: [trace, inner] } });
    bed.server.handle('double', (n) => n * 2);
    expect(await bed.client.call('double', 4, { timeout: 5_000 })).toBe(8);
    expect(notes).toEqual([['double', 4, { timeout: 5_000 }], { timeout: 5_000, traceparent: '00-1-2-01' }, 8]);
    expect(packetsOf(bed, 'client')).toEqual([[[2, 1, 'double', 4, { dl: 5_000, tp: '00-1-2-01' }]]]);
  });

  it('asks again, refuses, and takes part in safeCall', async () => {
    const again: CallMiddleware = async ({ name, next }) => {
      if (name === 'slow') throw refusal('FORBIDDEN', 'Not from here.');
      try {
        return await next();
      } catch (error) {
        if ((error as HawserError).code !== 'UNAVAILABLE') throw error;
        return next();
      }
    };
    let runs = 0;
    await using bed = bedOf({ client: { middleware: [again] } });
    bed.server.handle('double', (n) => {
      runs += 1;
      if (runs === 1) throw refusal('UNAVAILABLE', 'Not now.');
      return n * 2;
    });
    expect(await bed.client.safeCall('double', 4)).toEqual({ ok: true, data: 8 });
    expect(runs).toBe(2);
    expect(await bed.client.safeCall('slow')).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
  });

  it('that throws at once rejects the call', async () => {
    const broken: CallMiddleware = () => {
      throw new Error('broken');
    };
    await using bed = bedOf({ client: { middleware: [broken] } });
    expect((await rejection(bed.client.call('slow'))).message).toBe('broken');
  });

  it('cannot send what is no traceparent', async () => {
    await using bed = bedOf();
    await expect(bed.client.call('slow', undefined, { traceparent: 'a\nb' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      executed: 'no',
    });
  });
});
