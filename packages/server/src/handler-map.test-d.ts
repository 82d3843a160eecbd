import { bytes, call, defineContract, message, stream, topic, upload } from '@hawser/core';
import { createServer, type Server } from '@hawser/server';
import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';

/** Every kind, both ways. */
const works = defineContract({
  id: 'works/1',
  topics: { telemetry: topic({ data: z.number() }) },
  clientToServer: {
    beat: message(z.number()),
    ask: call({ input: z.coerce.date(), output: z.string(), errors: { BUSY: z.object({ job: z.string() }) } }),
    rows: stream({ input: z.number(), item: z.number(), errors: { GONE: null } }),
    file: upload({ input: z.string(), chunk: bytes(), output: z.number(), errors: { FULL: z.number() } }),
  },
  serverToClient: {
    check: call({ output: z.number() }),
    logs: stream({ input: z.number(), item: z.string() }),
    film: upload({ input: z.string(), chunk: bytes(), output: z.number() }),
  },
});
type Works = typeof works;

const draft = createServer({ contract: works, authenticate: ({ auth }) => ({ user: String(auth) }) });
const ask = (): string => 'x';
const rows = (): number[] => [];
const file = (): number => 1;

describe('the handler map of a contract with every kind', () => {
  it('infers inputs, items, chunks and errors', () => {
    const server = draft.implement({
      ask: (at, { fail }) => {
        expectTypeOf(at).toEqualTypeOf<Date>();
        return at.getTime() > 0 ? '' : fail('BUSY', { job: 'x' });
      },
      async *rows(count, { fail, signal, peer }) {
        expectTypeOf(count).toEqualTypeOf<number>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        expectTypeOf(peer.auth).toEqualTypeOf<{ user: string }>();
        if (count > 1) fail('GONE');
        // @ts-expect-error not an error of this stream
        if (count > 2) fail('BUSY', { job: 'x' });
        yield 1;
      },
      file: async (name, { chunks, fail }) => {
        expectTypeOf(name).toEqualTypeOf<string>();
        let size = 0;
        for await (const chunk of chunks) {
          expectTypeOf(chunk).toEqualTypeOf<Uint8Array>();
          size += chunk.length;
        }
        // @ts-expect-error its data is of another type
        if (size > 9) fail('FULL', 'x');
        return size < 9 ? size : fail('FULL', 9);
      },
    });
    expectTypeOf(server).toEqualTypeOf<Server<Works, { user: string }>>();
  });

  it('is complete, and holds nothing else', () => {
    draft.implement({ ask, rows, file });
    // @ts-expect-error the call is missing
    draft.implement({ rows, file });
    // @ts-expect-error the stream is missing
    draft.implement({ ask, file });
    // @ts-expect-error the upload is missing
    draft.implement({ ask, rows });
    // @ts-expect-error the server reads logs, it does not give them
    draft.implement({ ask, rows, file, logs: () => ['x'] });
    // @ts-expect-error the server uploads films, it does not take them
    draft.implement({ ask, rows, file, film: () => 1 });
    // @ts-expect-error a topic has no handler
    draft.implement({ ask, rows, file, telemetry: () => 1 });
    // @ts-expect-error a message has no handler here
    draft.implement({ ask, rows, file, beat: () => undefined });
  });

  it('refuses handlers that give something else', () => {
    // @ts-expect-error items are numbers
    draft.implement({ ask, rows: () => ['x'], file });
    // @ts-expect-error a promise cannot be iterated
    draft.implement({ ask, rows: async () => [1], file });
    // @ts-expect-error one item is no stream
    draft.implement({ ask, rows: () => 1, file });
    // @ts-expect-error the answer is a number
    draft.implement({ ask, rows, file: () => '1' });
    // @ts-expect-error the input is a number
    draft.implement({ ask, rows: (count: string) => [count.length], file });
  });

  it('and calls, streams and uploads of a peer are typed too', async () => {
    for (const peer of draft.implement({ ask, rows, file }).peers.values()) {
      for await (const line of peer.stream('logs', 3, { window: 4 })) expectTypeOf(line).toEqualTypeOf<string>();
      expectTypeOf(peer.upload('film', 'x', new Uint8Array(1))).resolves.toEqualTypeOf<number>();
      const checked = await peer.safeCall('check');
      if (checked.ok) expectTypeOf(checked.data).toEqualTypeOf<number>();
      else expectTypeOf(checked.error.origin).toEqualTypeOf<'system'>();
      // @ts-expect-error this call has no errors of its own
      if (!checked.ok && checked.error.code === 'BUSY') throw checked.error;
      // @ts-expect-error the client reads rows
      peer.stream('rows', 1);
      // @ts-expect-error the client uploads files
      void peer.upload('file', 'x', new Uint8Array(1));
    }
  });
});
