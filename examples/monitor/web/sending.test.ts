import { createHash } from 'node:crypto';
import { HawserError, type UploadOptions } from '@hawser/core';
import { beforeEach, expect, test } from 'vitest';
import type { Receipt } from '../contract.ts';
import { Sending } from './sending.ts';

const file = new Blob(['a rope is as long as what is tied to it']);
const sha256 = createHash('sha256').update('a rope is as long as what is tied to it').digest('hex');
let answer: { resolve(receipt: Receipt): void; reject(error: unknown): void };
let options: UploadOptions;
let sending: Sending;

beforeEach(() => {
  sending = new Sending(
    (_, __, given) => {
      options = given;
      return new Promise((resolve, reject) => {
        answer = { resolve, reject };
        given.signal?.addEventListener('abort', () => reject(given.signal?.reason));
      });
    },
    () => {},
  );
});

test('shows what was acknowledged, then the receipt beside its own hash', async () => {
  const over = sending.send('a.log', file);
  expect(sending.snapshot()).toMatchObject({ status: 'sending', name: 'a.log', acked: 0, total: file.size });
  options.onProgress?.({ acked: 10, total: file.size });
  sending.linkLost();
  expect(sending.snapshot()).toMatchObject({ acked: 10, cuts: 1 });
  answer.resolve({ size: file.size, sha256: 'what the service hashed', took: 5 });
  await over;
  expect(sending.snapshot()).toMatchObject({
    status: 'done',
    acked: file.size,
    receipt: { sha256: 'what the service hashed' },
    sha256,
  });
});

test('is cancelled, and knows it from a failure', async () => {
  const over = sending.send('a.log', file);
  sending.cancel();
  await over;
  expect(sending.snapshot()).toMatchObject({ status: 'cancelled' });
});

test('says why the service does not take a file', async () => {
  const over = sending.send('a.log', file);
  answer.reject(new HawserError('domain', 'TOO_BIG', '', { data: { most: 1 }, executed: 'yes' }));
  await over;
  expect(sending.snapshot()).toMatchObject({ status: 'failed', problem: 'the service takes at most 64.0 MB' });
});

test('leaves one file for the next, of which the first changes nothing any more', async () => {
  const first = sending.send('a.log', file);
  const { onProgress } = options;
  const second = sending.send('b.log', file);
  await first;
  onProgress?.({ acked: 7, total: file.size });
  expect(sending.snapshot()).toMatchObject({ status: 'sending', name: 'b.log', acked: 0 });
  sending.cancel();
  await second;
});
