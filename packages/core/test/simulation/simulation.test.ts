import { describe, expect, it } from 'vitest';
import { addCounts, describeCounts, noCounts } from './records.ts';
import { runSeed } from './run-seed.ts';

const { HAWSER_MUTANT, HAWSER_SEED } = process.env;

/** Always the same, so that what they found once is looked at again. */
const fixedSeeds = Array.from({ length: 24 }, (_, i) => i + 1);
/** New in every run. */
const freshSeeds = Array.from(crypto.getRandomValues(new Uint32Array(50)));
/** So many failing seeds are enough to start from. */
const enough = HAWSER_MUTANT ? 1 : 3;

let totals = noCounts();
let ran = 0;

/** Runs seeds until some fail; returns what is wrong and how to see it again. */
async function play(seeds: readonly number[]): Promise<string[]> {
  const failures: string[] = [];
  for (const seed of seeds) {
    const { violations, counts } = await runSeed(seed);
    totals = addCounts(totals, counts);
    ran += 1;
    if (violations.length === 0) continue;
    const again = `HAWSER_SEED=${seed} npx vitest run packages/core/test/simulation`;
    failures.push([`seed ${seed}, to see it again: ${again}`, ...violations.slice(0, 5)].join('\n  '));
    if (failures.length === enough) break;
  }
  return failures;
}

/** What the first failure is about, for those who read only one line. */
function topic([first = '']: readonly string[]): string {
  return /invariant \d+ \([^)]*\)/.exec(first)?.[0] ?? '';
}

if (HAWSER_SEED) {
  describe('simulation of the named seeds', () => {
    it('keeps every invariant', async () => {
      const failures = await play((HAWSER_SEED ?? '').split(',').map(Number));
      expect(failures, topic(failures)).toEqual([]);
    }, 600_000);
  });
}

describe.skipIf(HAWSER_SEED)('simulation', () => {
  it('keeps every invariant with the fixed seeds', async () => {
    const failures = await play(fixedSeeds);
    expect(failures, topic(failures)).toEqual([]);
  }, 300_000);

  it.skipIf(HAWSER_MUTANT)(
    'keeps every invariant with fresh seeds',
    async () => {
      const failures = await play(freshSeeds);
      expect(failures, topic(failures)).toEqual([]);
    },
    300_000,
  );

  it.skipIf(HAWSER_MUTANT)('was rough enough to mean something', () => {
    console.info(describeCounts(ran, totals));
    expect(totals.disconnects).toBeGreaterThanOrEqual(2_000);
    expect(totals.virtualMs).toBeGreaterThanOrEqual(8 * 3_600_000);
    const kinds = ['brokenHandshakes', 'resumes', 'takeOvers', 'staleHellos', 'restarts', 'repeats', 'items'] as const;
    for (const kind of kinds) {
      expect(totals[kind], kind).toBeGreaterThan(0);
    }
    expect(totals.topicGaps).toBeGreaterThan(100);
    expect(Object.keys(totals.causes)).toEqual(
      expect.arrayContaining(['unknown', 'expired', 'overflow', 'principal', 'disconnected', 'poison', 'closed']),
    );
  });
});
