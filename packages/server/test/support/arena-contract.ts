import { bytes, call, defineContract, message, type Schema, upload } from '@hawser/core';

/** A payload that is one number. */
export interface Numbered {
  readonly n: number;
}

const numbered: Schema<Numbered> = {
  '~standard': {
    version: 1,
    vendor: 'hawser-test',
    validate: (value) =>
      typeof value === 'object' && value !== null && Number.isSafeInteger((value as Numbered).n)
        ? { value: value as Numbered }
        : { issues: [{ message: 'not a number' }] },
  },
};

/** A little of everything, both ways. */
export const arenaContract = defineContract({
  id: 'hawser.arena/1',
  clientToServer: {
    note: message(numbered),
    echo: call({ input: numbered, output: numbered }),
    /** Answers when told to; see `Arena.answerHeld`. */
    hold: call({ output: numbered }),
    /** Reads nothing and never answers. */
    vault: upload({ chunk: bytes(), output: numbered }),
  },
  serverToClient: {
    news: message(numbered),
    check: call({ input: numbered, output: numbered }),
    /** As `vault`. */
    safe: upload({ chunk: bytes(), output: numbered }),
  },
});
export type ArenaContract = typeof arenaContract;
