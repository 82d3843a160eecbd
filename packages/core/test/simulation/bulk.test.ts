import { describe, expect, it } from 'vitest';
import { runBulkSeed } from './bulk-seed.ts';

const { HAWSER_MUTANT, HAWSER_BULK_SEED } = process.env;
/** Seeds that found something once. */
const found = [1_027_517_705];
const fixed = [...Array.from({ length: 12 }, (_, i) => i + 1), ...found];
const fresh = [...crypto.getRandomValues(new Uint32Array(12))];
const named = HAWSER_BULK_SEED?.split(',').map(Number);

describe('large messages and uploads over a bad network', () => {
  it('come whole, once, and in the order of their name', async () => {
    const totals = { large: 0, uploads: 0, cuts: 0, losses: 0 };
    for (const seed of named ?? (HAWSER_MUTANT ? fixed : [...fixed, ...fresh])) {
      const { violations, ...counts } = await runBulkSeed(seed);
      const again = `HAWSER_BULK_SEED=${seed} npx vitest run packages/core/test/simulation/bulk.test.ts`;
      expect(violations.slice(0, 5), `seed ${seed}, to see it again: ${again}`).toEqual([]);
      for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += counts[key];
    }
    console.info(totals);
    if (named || HAWSER_MUTANT) return;
    expect(totals.large).toBeGreaterThan(200);
    expect(totals.uploads).toBeGreaterThan(50);
    expect(totals.cuts).toBeGreaterThan(150);
    expect(totals.losses).toBeGreaterThan(1);
  }, 120_000);
});
