import type { Summary } from './statistics.ts';

/** How a cost grows with something. */
export interface Curve {
  readonly id: string;
  /** Of the cost. */
  readonly unit: string;
  readonly lines: readonly Line[];
}

/** One contestant's costs, by what grows. */
export interface Line {
  readonly name: string;
  readonly points: readonly { readonly at: number; readonly cost: Summary }[];
}

/** Collects rounds into curves: the same contestant at the same place is measured several times. */
export class Curves {
  readonly #figures = new Map<string, Map<string, Map<number, number[]>>>();

  add(id: string, name: string, at: number, cost: number): void {
    const lines = emplace(this.#figures, id, () => new Map<string, Map<number, number[]>>());
    const points = emplace(lines, name, () => new Map<number, number[]>());
    emplace(points, at, () => []).push(cost);
  }

  /** The costs of one contestant at one place. @throws RangeError when there are none */
  costsOf(id: string, name: string, at: number): readonly number[] {
    const costs = this.#figures.get(id)?.get(name)?.get(at);
    if (costs === undefined) throw new RangeError(`nothing was measured of ${name} at ${at}`);
    return costs;
  }

  /** @param summarize - of the rounds at one place */
  take(unit: string, summarize: (costs: readonly number[]) => Summary): Curve[] {
    return [...this.#figures].map(([id, lines]) => ({
      id,
      unit,
      lines: [...lines].map(([name, points]) => ({
        name,
        points: [...points].toSorted(([a], [b]) => a - b).map(([at, costs]) => ({ at, cost: summarize(costs) })),
      })),
    }));
  }
}

function emplace<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
