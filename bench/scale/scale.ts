import { loadavg } from 'node:os';
import type { Curve } from '../measure/curve.ts';
import type { Outcome } from '../measure/outcome.ts';
import { writeResult } from '../report/results.ts';
import { growthTable, scaleTable } from '../report/scale-table.ts';
import type { Findings } from './findings.ts';
import { largerMessages, moreNames } from './growth.ts';
import { manyConnections } from './ramp.ts';
import { comingBack } from './reconnect.ts';

/** No part begins later than this, so that all ends within eight minutes; milliseconds. */
const lastBegin = 260_000;

/** What `--scale` measures, by name, in order. */
export const scaleParts: Readonly<Record<string, () => Promise<Findings>>> = {
  sizes: largerMessages,
  names: moreNames,
  many: manyConnections,
  reconnect: comingBack,
};

/** Measures what grows: connections, messages, names. Prints tables, and keeps each part's figures. */
export async function measureScale(only: readonly string[]): Promise<void> {
  const began = performance.now();
  const outcomes: Outcome[] = [];
  const curves: Curve[] = [];
  for (const name of only.length > 0 ? only : Object.keys(scaleParts)) {
    const passed = performance.now() - began;
    const load = loadavg()[0] ?? 0;
    console.error(`${(passed / 1_000).toFixed(0).padStart(4)} s  ${name} (load ${load.toFixed(1)})`);
    if (passed > lastBegin) {
      console.error('        left out: this machine is too busy for the rest');
      continue;
    }
    const found = await scaleParts[name]?.().catch((error: unknown) => {
      // One part that fails must not cost the figures of the others.
      console.error(error);
      process.exitCode = 1;
    });
    if (found === undefined) continue;
    writeResult(`scale-${name}`, { ...found, load });
    outcomes.push(...found.outcomes);
    curves.push(...found.curves);
  }
  if (outcomes.length > 0) console.log(`\n${scaleTable(outcomes)}`);
  for (const curve of curves) console.log(`\n${growthTable(curve)}`);
  console.error(`\n${((performance.now() - began) / 1_000).toFixed(0)} s`);
}
