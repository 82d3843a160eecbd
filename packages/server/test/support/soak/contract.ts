import { call, defineContract, message, type Schema } from '@hawser/core';

/** A payload that is one running number. */
export interface Numbered {
  readonly n: number;
}

const numbered: Schema<Numbered> = {
  '~standard': {
    version: 1,
    vendor: 'hawser-soak',
    validate: (value) =>
      typeof value === 'object' && value !== null && Number.isSafeInteger((value as Numbered).n)
        ? { value: value as Numbered }
        : { issues: [{ message: 'not a running number' }] },
  },
};

const tally: Schema<Tally> = {
  '~standard': { version: 1, vendor: 'hawser-soak', validate: (value) => ({ value: value as Tally }) },
};

/** What the server has to say about a session at its end. */
export interface Tally {
  /** Messages and calls it received in it. */
  readonly received: number;
  /** Messages and calls it sent in it. */
  readonly sent: number;
}

/** Messages and calls with running numbers, both ways. */
export const soak = defineContract({
  id: 'hawser.soak/1',
  clientToServer: {
    up: message(numbered),
    ask: call({ input: numbered, output: numbered }),
    tally: call({ output: tally }),
  },
  serverToClient: {
    down: message(numbered),
    check: call({ input: numbered, output: numbered }),
  },
});
