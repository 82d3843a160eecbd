import { describe, expect, it } from 'vitest';
import { defineContract, upload } from '@hawser/core';
import { createTestBed } from '@hawser/core/testing';
import * as z from 'zod';
import { rejection } from './bed.ts';

describe('their reader', () => {
  const letters = defineContract({
    id: 'letters/1',
    clientToServer: {
      write: upload({
        chunk: z.custom<Uint8Array>((value) => (value as Uint8Array)[0] !== 7),
        output: z.number(),
      }),
    },
    serverToClient: {},
  });

  it('that meets bytes which do not fit has not failed itself: nobody was told a correlation id', async () => {
    await using post = createTestBed(letters);
    post.server.handle('write', async (_, { chunks }) => {
      let size = 0;
      for await (const chunk of chunks) size += chunk.length;
      return size;
    });
    const written = rejection(post.client.upload('write', undefined, Uint8Array.of(7, 8)));
    await post.clock.advance(100);
    expect((await written).code).toBe('INVALID_INPUT');
    expect(post.server.problems).toEqual([]);
  });

  it('may ask several times at once', async () => {
    await using post = createTestBed(letters);
    post.server.handle('write', async (_, { chunks }) => {
      const reader = chunks[Symbol.asyncIterator]();
      const all = await Promise.all([reader.next(), reader.next(), reader.next()]);
      return all.filter(({ done }) => done).length;
    });
    const written = post.client.upload('write', undefined, Uint8Array.of(1, 2));
    await post.clock.advance(1_000);
    expect(await Promise.race([written, 'hangs'])).toBe(2);
  });
});
