import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { wheelClock } from './wheel-clock.ts';

/** Runs a script that has `clock`, in a process of its own; returns what it printed and how long it lived, ms. */
function inProcess(script: string): { printed: string; lived: number } {
  const source = fileURLToPath(new URL('wheel-clock.ts', import.meta.url));
  const began = `const began = performance.now(); process.on('exit', () => console.log(Math.round(performance.now() - began)));`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { wheelClock } from ${JSON.stringify(source)};\n${began}\nconst clock = wheelClock();\n${script}`,
    ],
    { encoding: 'utf8', timeout: 20_000, env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const lines = stdout.trim().split('\n');
  if (lines.length === 0 || stderr !== '') throw new Error(`${stdout}${stderr}`);
  return { lived: Number(lines.pop()), printed: lines.join('\n') };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('wheelClock', () => {
  it('is one for the process', () => {
    expect(wheelClock()).toBe(wheelClock());
  });

  it('needs one native timer for ten thousand, whatever is set and cleared among them', () => {
    const { printed } = inProcess(`
      const count = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
      const seen = [count()];
      const timers = Array.from({ length: 10_000 }, (_, n) => clock.setTimer(() => undefined, 20_000 + n));
      seen.push(count());
      timers.slice(0, 5_000).forEach((timer) => clock.clearTimer(timer));
      clock.clearTimer(clock.setTimer(() => undefined, 5));
      seen.push(count());
      timers.forEach((timer) => clock.clearTimer(timer));
      seen.push(count());
      console.log(seen.join());
    `);
    expect(printed).toBe('0,1,1,0');
  });

  it('keeps the process as long as the last timer, and not longer', () => {
    const kept = inProcess(`
      clock.setTimer(() => console.log('rang'), 300);
      clock.clearTimer(clock.setTimer(() => undefined, 15_000));
    `);
    expect(kept.printed).toBe('rang');
    expect(kept.lived).toBeGreaterThanOrEqual(298);
    expect(kept.lived).toBeLessThan(10_000);
    expect(inProcess('clock.clearTimer(clock.setTimer(() => undefined, 15_000));').lived).toBeLessThan(10_000);
  });

  it('rings the others when one throws', () => {
    const { printed } = inProcess(`
      process.on('uncaughtException', (error) => console.log(error.message));
      clock.setTimer(() => { throw new Error('mine'); }, 5);
      clock.setTimer(() => console.log('yours'), 5);
    `);
    expect(printed).toBe('mine\nyours');
  });

  it('rings when a native timer would, not before, also what is set while it rings', () => {
    vi.useFakeTimers();
    const clock = wheelClock();
    const start = performance.now();
    const rang: [string, number][] = [];
    const note = (name: string) => () => void rang.push([name, Math.floor(performance.now() - start)]);
    clock.setTimer(note('late'), 900);
    clock.setTimer(() => {
      note('soon')();
      clock.setTimer(note('nested'), 0);
    }, 7);
    clock.setTimer(note('now'), 0);
    const dropped = clock.setTimer(note('dropped'), 8);
    clock.clearTimer(dropped);
    clock.clearTimer(undefined);
    vi.advanceTimersByTime(899);
    expect(rang).toEqual([
      ['now', 1],
      ['soon', 7],
      ['nested', 8],
    ]);
    vi.advanceTimersByTime(1);
    expect(rang.at(-1)).toEqual(['late', 900]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not early by more than native timers may be', async () => {
    const clock = wheelClock();
    const early: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const began = performance.now();
        await new Promise<void>((done) => clock.setTimer(done, 1 + n * 3));
        // A native timer may ring that much before its time, too.
        early.push(1 + n * 3 - (performance.now() - began));
      }),
    );
    expect(Math.max(...early)).toBeLessThan(1.001);
  });
});
