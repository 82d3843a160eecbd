import { describe, expect, it } from 'vitest';
import { Fifo } from './fifo.ts';

function filled(count: number): Fifo<number> {
  const fifo = new Fifo<number>();
  for (let n = 0; n < count; n += 1) fifo.push(n);
  return fifo;
}

describe('Fifo', () => {
  it('gives back what was pushed, in order, and then nothing', () => {
    const fifo = filled(3);
    expect([fifo.shift(), fifo.shift(), fifo.shift(), fifo.shift()]).toEqual([0, 1, 2, undefined]);
    expect(fifo.length).toBe(0);
    fifo.push(7);
    expect(fifo.shift()).toBe(7);
  });

  it('counts and looks from the present front', () => {
    const fifo = filled(5);
    fifo.shift();
    fifo.shift();
    expect(fifo.length).toBe(3);
    expect([fifo.at(0), fifo.at(2), fifo.at(3)]).toEqual([2, 4, undefined]);
    expect(fifo.toArray()).toEqual([2, 3, 4]);
  });

  it('keeps its place when the dead half of a long queue is cut off', () => {
    const fifo = filled(4_000);
    for (let n = 0; n < 3_000; n += 1) {
      expect(fifo.shift()).toBe(n);
      expect(fifo.length).toBe(3_999 - n);
    }
    fifo.push(4_000);
    expect([fifo.at(0), fifo.at(1_000)]).toEqual([3_000, 4_000]);
  });

  it('keeps only what passes', () => {
    const fifo = filled(6);
    fifo.shift();
    fifo.retain((n) => n % 2 === 1);
    expect(fifo.toArray()).toEqual([1, 3, 5]);
    expect(fifo.at(0)).toBe(1);
  });
});
