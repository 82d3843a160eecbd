import { defineContract, topic, type Schema } from '@hawser/core';

function shaped<T>(fits: (value: unknown) => boolean): Schema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'hawser-test',
      validate: (value) => (fits(value) ? { value: value as T } : { issues: [{ message: 'of another shape' }] }),
    },
  };
}

/** A price of one thing. */
export interface Quote {
  readonly of: string;
  readonly at: number;
  readonly note?: string;
}

const params: Schema<{ n: number }> = shaped(
  (value) => typeof value === 'object' && value !== null && typeof (value as { n: unknown }).n === 'number',
);
const numbers: Schema<number> = shaped((value) => typeof value === 'number');
const quotes: Schema<Quote> = shaped((value) => typeof value === 'object' && value !== null);

/** Topics of every sort. */
export const boardContract = defineContract({
  id: 'hawser.board/1',
  topics: {
    numbers: topic({ params, data: numbers, retain: 3 }),
    quotes: topic({ data: quotes, conflate: ({ of }) => of }),
    ticks: topic({ data: quotes }),
  },
});
export type BoardContract = typeof boardContract;
