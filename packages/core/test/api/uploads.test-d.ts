import {
  bytes,
  createClient,
  defineContract,
  upload,
  type CallError,
  type ErrorOf,
  type InputOf,
  type OutputOf,
  type SystemCode,
  type UploadProgress,
} from '@hawser/core';
import { createTestBed } from '@hawser/core/testing';
import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';

const depot = defineContract({
  id: 'acme.depot/1',
  clientToServer: {
    firmware: upload({
      input: z.object({ name: z.string(), built: z.coerce.date() }),
      chunk: bytes(),
      output: z.object({ size: z.number() }),
      errors: { TOO_BIG: z.object({ most: z.number() }), READ_ONLY: null },
    }),
    dump: upload({ chunk: bytes() }),
  },
  serverToClient: { film: upload({ input: z.string(), chunk: bytes(), output: z.number() }) },
});
type Depot = typeof depot;

const client = createClient({ contract: depot, url: 'wss://example.org' });
declare const file: File;
const about = { name: 'a', built: '2020-01-01' };

describe('uploads', () => {
  it('type input, source, options and answer', async () => {
    const done = await client.upload('firmware', { name: file.name, built: new Date(0) }, file, {
      chunkSize: 65_536,
      onProgress: (progress) => expectTypeOf(progress).toEqualTypeOf<UploadProgress>(),
      signal: AbortSignal.timeout(5_000),
      timeout: 60_000,
    });
    expectTypeOf(done).toEqualTypeOf<{ size: number }>();
    expectTypeOf(client.upload('dump', undefined, new ReadableStream())).resolves.toEqualTypeOf<undefined>();
    for (const source of [new Uint8Array(1), new ArrayBuffer(1), new Blob(['x']), [new Uint8Array(1)]])
      void client.upload('dump', undefined, source);
    async function* pieces(): AsyncIterable<Uint8Array> {
      yield new Uint8Array(1);
    }
    void client.upload('dump', undefined, pieces());

    // @ts-expect-error the input is checked
    void client.upload('firmware', { name: 'a' }, file);
    // @ts-expect-error the input is required
    void client.upload('firmware', undefined, file);
    // @ts-expect-error this upload has no input
    void client.upload('dump', { any: 1 }, file);
    // @ts-expect-error the source is missing
    void client.upload('firmware', about);
    // @ts-expect-error a text is no bytes
    void client.upload('dump', undefined, 'text');
    // @ts-expect-error texts are no bytes either
    void client.upload('dump', undefined, ['text']);
    // @ts-expect-error not an option of uploads
    void client.upload('dump', undefined, file, { idempotencyKey: 'x' });
    // @ts-expect-error only the server may upload this
    void client.upload('film', 'x', file);
    // @ts-expect-error an upload is not a call
    void client.call('firmware', about);
    // @ts-expect-error an upload is not a stream
    client.stream('firmware', about);
  });

  it('type errors', () => {
    type Failed = ErrorOf<Depot, 'firmware'>;
    expectTypeOf<Failed>().toEqualTypeOf<CallError<Depot['clientToServer']['firmware']>>();
    expectTypeOf<Exclude<Failed['code'], SystemCode>>().toEqualTypeOf<'TOO_BIG' | 'READ_ONLY'>();
    expectTypeOf<Extract<Failed, { code: 'TOO_BIG' }>['data']>().toEqualTypeOf<{ most: number }>();
    expectTypeOf<InputOf<Depot, 'firmware'>>().toEqualTypeOf<{ name: string; built: unknown }>();
    expectTypeOf<OutputOf<Depot, 'firmware'>>().toEqualTypeOf<{ size: number }>();
    // @ts-expect-error TOO_LARGE is a system code
    upload({ chunk: bytes(), errors: { TOO_LARGE: null } });
  });

  it('type handlers at both ends', () => {
    client.handle('film', async (name, { chunks, signal }) => {
      expectTypeOf(name).toEqualTypeOf<string>();
      expectTypeOf(chunks).toEqualTypeOf<AsyncIterable<Uint8Array>>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      let size = 0;
      for await (const chunk of chunks) size += chunk.length;
      return size;
    });
    // @ts-expect-error the answer has the type of the contract
    client.handle('film', () => 'much');
    // @ts-expect-error the server takes firmware
    client.handle('firmware', () => ({ size: 1 }));

    const bed = createTestBed(depot);
    bed.server.handle('firmware', async ({ name, built }, { chunks, fail, peer }) => {
      expectTypeOf(built).toEqualTypeOf<Date>();
      expectTypeOf(peer.id).toEqualTypeOf<string>();
      for await (const chunk of chunks) if (chunk.length > 9) fail('TOO_BIG', { most: 9 });
      // @ts-expect-error its data is missing
      if (name === 'a') fail('TOO_BIG');
      // @ts-expect-error its data is of another shape
      if (name === 'b') fail('TOO_BIG', { most: '9' });
      // @ts-expect-error it has no data
      if (name === 'c') fail('READ_ONLY', 1);
      // @ts-expect-error not an error of this upload
      if (name === 'd') fail('BUSY');
      return fail('READ_ONLY') satisfies never;
    });
    const [peer] = bed.server.peers.values();
    expectTypeOf(peer?.upload('film', 'x', new Uint8Array(1))).toEqualTypeOf<Promise<number> | undefined>();
    // @ts-expect-error the input is of another type
    void peer?.upload('film', 7, new Uint8Array(1));
  });
});
