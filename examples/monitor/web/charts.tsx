import type { Sample, Thresholds } from '../contract.ts';
import type { ChartDesign } from './chart-options.ts';
import { Chart } from './chart.tsx';
import { Cores } from './cores.tsx';
import { bytes, measure } from './format.ts';
import type { History } from './history.ts';
import { useLastMessage } from './hooks.ts';
import { LastHourPanel } from './last-hour-panel.tsx';
import { history } from './live.ts';
import { Panel } from './panel.tsx';

const cpu: ChartDesign<History> = {
  lines: [{ label: 'CPU', color: '--teal', filled: true, values: (history) => history.column('cpu') }],
  unit: '%',
  top: 100,
};
const memory: ChartDesign<History> = {
  lines: [{ label: 'Memory', color: '--violet', filled: true, values: (history) => history.column('memory') }],
  unit: '%',
  top: 100,
};
const loop: ChartDesign<History> = {
  lines: [
    { label: 'worst', color: '--rose', filled: true, values: (history) => history.column('loop') },
    { label: 'mean', color: '--dim', values: (history) => history.column('loopMean') },
  ],
  unit: 'ms',
  leastTop: 10,
};
const network: ChartDesign<History> = {
  lines: [
    { label: 'both', color: '--blue', filled: true, values: (history) => history.column('network') },
    { label: 'in', color: '--hemp', values: (history) => history.column('received') },
  ],
  unit: 'kB/s',
  leastTop: 10,
};

/** All charts, with the newest figures in their headings. */
export function Charts({ thresholds }: { readonly thresholds: Thresholds | undefined }): React.ReactElement {
  const sample = useLastMessage('sample');
  return (
    <>
      <Panel
        className="wide"
        title="CPU"
        figure={sample && <Figure value={measure(sample.cpu)} unit="%" />}
        note={sample && `load ${sample.load.toFixed(2)}`}
      >
        <Chart
          source={history}
          design={cpu}
          limit={thresholds?.cpu ?? null}
          label="CPU use of all cores, percent, over the last minute and a half"
        />
      </Panel>
      <LastHourPanel />
      <Cores sample={sample} />
      <Panel
        title="Memory"
        figure={sample && <Figure value={measure((sample.memory.used / sample.memory.total) * 100)} unit="%" />}
        note={sample && `${bytes(sample.memory.used)} of ${bytes(sample.memory.total)}`}
      >
        <Chart
          source={history}
          design={memory}
          limit={thresholds?.memory ?? null}
          label="Memory in use, percent, over the last minute and a half"
        />
      </Panel>
      <Panel
        title="Event loop delay"
        figure={sample && <Figure value={measure(sample.loop.max)} unit="ms" />}
        note={
          sample && (
            <>
              <span className="key rose">worst</span>
              <span className="key dim">mean {sample.loop.mean.toFixed(2)} ms</span>
            </>
          )
        }
      >
        <Chart
          source={history}
          design={loop}
          limit={thresholds?.loop ?? null}
          label="Delay of the service's event loop, milliseconds, over the last minute and a half"
        />
      </Panel>
      <Panel
        title="Network"
        figure={
          sample?.network && (
            <Figure value={measure((sample.network.received + sample.network.sent) / 1000)} unit="kB/s" />
          )
        }
        note={networkNote(sample)}
      >
        <Chart
          source={history}
          design={network}
          limit={thresholds?.network ?? null}
          label="Network traffic, kilobytes per second, over the last minute and a half"
        />
      </Panel>
    </>
  );
}

function Figure({ value, unit }: { readonly value: string; readonly unit: string }): React.ReactElement {
  return (
    <>
      {value} <small>{unit}</small>
    </>
  );
}

function networkNote(sample: Sample | undefined): React.ReactNode {
  if (!sample) return undefined;
  if (!sample.network) return 'this platform does not tell';
  return (
    <>
      <span className="key blue">both ways</span>
      <span className="key hemp">in {bytes(sample.network.received)}/s</span>
    </>
  );
}
