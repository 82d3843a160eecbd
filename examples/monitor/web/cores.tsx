import { useMemo, useState } from 'react';
import type { Sample } from '../contract.ts';
import type { ChartDesign } from './chart-options.ts';
import { Chart } from './chart.tsx';
import { CoreTile } from './core-tile.tsx';
import type { History } from './history.ts';
import { history } from './live.ts';
import { Panel } from './panel.tsx';

/** Every core: one chart for all, and a tile for each that can be switched off. */
export function Cores({ sample }: { readonly sample: Sample | undefined }): React.ReactElement {
  const count = sample?.cores.length ?? 0;
  const [off, setOff] = useState<ReadonlySet<number>>(new Set());
  const cores = useMemo(() => Array.from({ length: count }, (_, core) => core), [count]);
  const design = useMemo<ChartDesign<History>>(
    () => ({
      lines: cores
        .filter((core) => !off.has(core))
        .map((core) => ({
          label: String(core),
          color: coreColor(core, cores.length),
          values: (source) => source.core(core),
        })),
      unit: '%',
      top: 100,
    }),
    [cores, off],
  );

  function toggle(core: number): void {
    setOff((before) =>
      before.has(core) ? new Set([...before].filter((one) => one !== core)) : new Set([...before, core]),
    );
  }

  return (
    <Panel title="Cores" figure={count > 0 && count} note="a topic each; click one off">
      <Chart
        source={history}
        design={design}
        label={`Use of each of ${count} cores, percent, over the last minute and a half`}
      />
      <ol className="cores" aria-label="Cores now">
        {cores.map((core) => (
          <CoreTile
            key={core}
            core={core}
            color={coreColor(core, count)}
            on={!off.has(core)}
            onToggle={() => toggle(core)}
          />
        ))}
      </ol>
    </Panel>
  );
}

function coreColor(core: number, count: number): string {
  return `oklch(0.72 0.14 ${(175 + (core * 300) / Math.max(1, count)) % 360})`;
}
