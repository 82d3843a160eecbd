import { Session } from 'node:inspector/promises';
import { areasOfSources } from '../profile/area-of.ts';
import { sharesOf, type Areas } from '../profile/areas.ts';

/** Between two samples, microseconds: a few hundred in every round. */
const interval = 250;

/** Samples the main thread of this process. */
export class MainThreadProfiler {
  readonly #areaOf = areasOfSources();
  readonly #session = new Session();
  #connected = false;

  async start(): Promise<void> {
    if (!this.#connected) {
      this.#session.connect();
      await this.#session.post('Profiler.enable');
      await this.#session.post('Profiler.setSamplingInterval', { interval });
      this.#connected = true;
    }
    await this.#session.post('Profiler.start');
  }

  /** Where the time since `start` went; what is missing was spent between turns of JavaScript. */
  async stop(): Promise<Areas> {
    const { profile } = await this.#session.post('Profiler.stop');
    return sharesOf(profile, this.#areaOf);
  }
}
