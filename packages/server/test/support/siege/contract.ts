import { bytes, call, defineContract, stream, topic, type Schema, upload } from '@hawser/core';

/** A payload that is one number. */
export interface Numbered {
  readonly n: number;
}

/** Whether it is what the contract says, looked at once more by those who must only ever see what was checked. */
export const isNumbered = (value: unknown): value is Numbered =>
  typeof value === 'object' && value !== null && Number.isSafeInteger((value as Numbered).n);

const numbered: Schema<Numbered> = {
  '~standard': {
    version: 1,
    vendor: 'hawser-test',
    validate: (value) => (isNumbered(value) ? { value } : { issues: [{ message: 'not a number' }] }),
  },
};

const asked = {
  /** Answered at once. */
  echo: call({ input: numbered, output: numbered }),
  /** Never answered. */
  hold: call({ input: numbered, output: numbered }),
  /** Numbers without end. */
  feed: stream({ input: numbered, item: numbered }),
  /** Reads nothing and never answers. */
  vault: upload({ input: numbered, chunk: bytes(), output: numbered }),
};

/** All that can be asked for, both ways and under the same names, and a topic. */
export const siegeContract = defineContract({
  id: 'hawser.siege/1',
  topics: { level: topic({ params: numbered, data: numbered, retain: 'last' }) },
  clientToServer: asked,
  serverToClient: asked,
});
export type SiegeContract = typeof siegeContract;
