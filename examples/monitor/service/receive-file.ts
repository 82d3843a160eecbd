import { createHash } from 'node:crypto';
import type { Handler } from '@hawser/core';
import { type Monitor, largestFile } from '../contract.ts';
import { Pace } from './pace.ts';

/** Milliseconds one byte may take to read, so that a small file does not take the show's whole time. */
const slowest = 0.002;

/** Reads a file as it comes, and says how long it was and what it hashes to. Nothing of it is kept. */
export const receiveFile: Handler<Monitor['clientToServer']['file']> = async ({ size }, { chunks, fail }) => {
  const tooBig = { most: largestFile };
  if (size > largestFile) fail('TOO_BIG', tooBig);
  const started = performance.now();
  const hash = createHash('sha256');
  const pace = new Pace(size, slowest);
  let received = 0;
  for await (const chunk of chunks) {
    received += chunk.length;
    // What was said beforehand is no promise.
    if (received > largestFile) fail('TOO_BIG', tooBig);
    hash.update(chunk);
    await pace.did(chunk.length);
  }
  return { size: received, sha256: hash.digest('hex'), took: performance.now() - started };
};
