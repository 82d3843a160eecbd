import { expect, test } from 'vitest';
import { makeCpuProfile } from './cpu-profile.ts';

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly children: readonly number[] }[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

test('makes up a profile of the size asked for that adds up', async () => {
  const blob = makeCpuProfile(300_000);
  expect(blob.size).toBeGreaterThan(300_000);
  expect(blob.size).toBeLessThan(350_000);
  const profile = JSON.parse(await blob.text()) as Profile;
  const ids = new Set(profile.nodes.map(({ id }) => id));
  expect(profile.samples.every((id) => ids.has(id))).toBe(true);
  expect(profile.nodes.every(({ children }) => children.every((id) => ids.has(id)))).toBe(true);
  expect(profile.timeDeltas).toHaveLength(profile.samples.length);
  expect(profile.timeDeltas.reduce((sum, delta) => sum + delta, profile.startTime)).toBe(profile.endTime);
});
