import type { Clock, Problem } from '@hawser/core';

/** Lines per minute at most; a client that provokes problems must not fill a disk. */
const linesPerMinute = 20;

/** Where problems go while nobody listens to `onProblem`: Node's warnings, which print to the error output. */
export class ProblemLog {
  readonly #clock: Clock;
  #minute = 0;
  #lines = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  write({ kind, name, error }: Problem): void {
    const minute = Math.floor(this.#clock.now() / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#lines = 0;
    }
    this.#lines += 1;
    if (this.#lines > linesPerMinute) return;
    const more =
      this.#lines === linesPerMinute ? ' Further ones of this minute are not shown; listen with onProblem.' : '';
    // Names of unknown messages come from outside: quoted, they cannot forge lines of a log.
    process.emitWarning(`${kind} ${JSON.stringify(name)}: ${error.message}${more}`, {
      type: 'HawserWarning',
      code: error.code,
      ...(error.cause instanceof Error && error.cause.stack !== undefined ? { detail: error.cause.stack } : undefined),
    });
  }
}
