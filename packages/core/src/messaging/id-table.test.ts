import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { IdTable } from './id-table.ts';

/** The inverse of the factor that spreads ids, modulo 2^32. */
const inverse = 0x0e8b2f51;

/** Ascending ids that all belong in one place of a table with up to `places`. */
function colliding(count: number, places: number): number[] {
  const shift = Math.clz32(places - 1);
  const ids = Array.from({ length: count }, (_, i) => Math.imul(((0x2a % places) << shift) + i, inverse) >>> 0);
  return ids.sort((a, b) => a - b);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

/** What of `count` entries, 64 of them there at once, V8 takes for long-lived; bytes. */
function movedToOldSpace(table: Pick<IdTable<{ id: number }>, 'add' | 'delete'>, count: number): number {
  const lived = 64;
  for (let id = 0; id < lived; id += 1) table.add({ id });
  // Whoever lives through this is old from here on.
  collect();
  const before = oldSpace();
  for (let id = lived; id < count; id += 1) {
    table.delete(id - lived);
    table.add({ id });
    if (id % 1_000 === 0) collect({ type: 'minor' });
  }
  return oldSpace() - before;
}

function oldSpace(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')?.space_used_size as number;
}

describe('an id table', () => {
  it('finds what was added, until it is deleted', () => {
    const table = new IdTable<{ id: number; name: string }>();
    const entry = { id: 7, name: 'seven' };
    table.add(entry);
    expect(table.get(7)).toBe(entry);
    expect(table.get(9)).toBeUndefined();
    expect(table.delete(9)).toBe(false);
    expect(table.delete(7)).toBe(true);
    expect(table.delete(7)).toBe(false);
    expect(table.get(7)).toBeUndefined();
    expect(table.size).toBe(0);
  });

  it('tells all in order of their ids, however they came', () => {
    const table = new IdTable();
    for (const id of [9, 3, 2 ** 40 + 1, 5, 2 ** 53 - 1, 1]) table.add({ id });
    expect(table.all().map(({ id }) => id)).toEqual([1, 3, 5, 9, 2 ** 40 + 1, 2 ** 53 - 1]);
  });

  it('hands out a copy, so that entries can be deleted on the way', () => {
    const table = new IdTable();
    for (let id = 1; id < 100; id += 2) table.add({ id });
    for (const { id } of table.all()) table.delete(id);
    expect([table.size, table.all()]).toEqual([0, []]);
  });

  it.each([1, 3, 64, 300])('is as good as a Map while %i come and go in any order', (count) => {
    const table = new IdTable();
    const map = new Map<number, { id: number }>();
    let seed = count;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    let nextId = 1;
    for (let step = 0; step < 5_000; step += 1) {
      if (map.size < count) {
        // Now and then one is skipped, as by an end that gave up before it asked.
        const entry = { id: (nextId += 2 + 2 * random(2)) };
        table.add(entry);
        map.set(entry.id, entry);
      } else {
        const id = [...map.keys()][random(map.size)] as number;
        expect(table.delete(id)).toBe(map.delete(id));
      }
      const asked = random(nextId + 2);
      expect(table.get(asked)).toBe(map.get(asked));
    }
    expect(table.size).toBe(map.size);
    expect(table.all()).toEqual([...map.values()].sort((a, b) => a.id - b.id));
  });

  it('keeps apart ids that were chosen to fall in one place', () => {
    const table = new IdTable();
    const ids = colliding(200, 512);
    for (const id of ids) table.add({ id });
    for (const [i, id] of ids.entries()) {
      expect(table.get(id)).toEqual({ id });
      if (i % 3 === 0) table.delete(id);
    }
    expect(table.all().map(({ id }) => id)).toEqual(ids.filter((_, i) => i % 3 !== 0));
    for (const [i, id] of ids.entries()) expect(table.get(id)).toEqual(i % 3 === 0 ? undefined : { id });
  });

  it('lets go of what was deleted, also when it is old itself', () => {
    expect(movedToOldSpace(new IdTable(), 100_000)).toBeLessThan(500_000);
  });

  it.each([0, 1])('gives back most of its room when all but %i are gone', (left) => {
    const tables = Array.from({ length: 1_000 }, () => new IdTable());
    collect();
    const before = process.memoryUsage().heapUsed;
    for (const table of tables) {
      for (let id = 1; id <= 500; id += 1) table.add({ id });
      for (let id = 1 + left; id <= 500; id += 1) table.delete(id);
    }
    collect();
    expect((process.memoryUsage().heapUsed - before) / tables.length).toBeLessThan(1_500);
    expect(tables.every(({ size }) => size === left)).toBe(true);
  });
});
