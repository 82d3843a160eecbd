import { call, defineContract, stream, type Schema } from '@hawser/core';

function schemaOf<T>(fits: (value: unknown) => boolean): Schema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'hawser-test',
      validate: (value) => (fits(value) ? { value: value as T } : { issues: [{ message: 'not as agreed' }] }),
    },
  };
}
const number = schemaOf<number>((value) => typeof value === 'number');
const text = schemaOf<string>((value) => typeof value === 'string');

/** Streams both ways, and a call to see that all else goes on. */
export const streamContract = defineContract({
  id: 'hawser.streams/1',
  clientToServer: {
    /** 1, 2, … up to the input. */
    count: stream({ input: number, item: number, errors: { STUCK: number } }),
    /** Texts of a kilobyte, as many as the input says. */
    pages: stream({ input: number, item: text }),
    echo: call({ input: number, output: number }),
  },
  serverToClient: {
    measure: stream({ input: number, item: number }),
    check: call({ input: number, output: number }),
  },
});
export type StreamContract = typeof streamContract;

/** What becomes of the sources that one test opens. */
export class Sources {
  /** Sources at work. */
  running = 0;
  /** Most of them at once. */
  most = 0;
  begun = 0;
  /** Items asked for, of all of them. */
  asked = 0;

  async *count(upTo: number): AsyncGenerator<number> {
    this.begun += 1;
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    try {
      for (let n = 1; n <= upTo; n += 1) {
        this.asked += 1;
        yield n;
      }
    } finally {
      this.running -= 1;
    }
  }

  *pages(upTo: number): Generator<string> {
    for (let n = 1; n <= upTo; n += 1) {
      this.asked += 1;
      yield `${n} ${'x'.repeat(1_000)}`;
    }
  }
}
