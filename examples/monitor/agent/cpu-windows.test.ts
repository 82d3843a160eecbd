import { from, lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import type { Sample } from '../contract.ts';
import { type CpuWindow, cpuWindows } from './cpu-windows.ts';

function windowsOf(...samples: [at: number, cpu: number][]): Promise<CpuWindow[]> {
  const rows = samples.map(([at, cpu]) => ({ at, cpu }) as Sample);
  return lastValueFrom(from(rows).pipe(cpuWindows(5_000), toArray()));
}

test('emits a window when the next one begins', async () => {
  expect(await windowsOf([10_000, 10], [12_000, 30], [14_999, 50])).toEqual([]);
  expect(await windowsOf([10_000, 10], [12_000, 30], [14_999, 50], [15_000, 99])).toEqual([
    { from: 10_000, samples: 3, average: 30, highest: 50 },
  ]);
});

test('leaves out stretches without samples', async () => {
  expect(await windowsOf([1_000, 10], [21_000, 20], [26_000, 30])).toEqual([
    { from: 0, samples: 1, average: 10, highest: 10 },
    { from: 20_000, samples: 1, average: 20, highest: 20 },
  ]);
});

test('counts a window that begins at the epoch', async () => {
  expect(await windowsOf([0, 10], [1, 20], [5_000, 0])).toMatchObject([{ from: 0, samples: 2, average: 15 }]);
});
