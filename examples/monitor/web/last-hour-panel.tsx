import type { ChartDesign } from './chart-options.ts';
import { Chart } from './chart.tsx';
import { count } from './format.ts';
import { useConnectionState } from './hooks.ts';
import type { LastHour, LastHourSnapshot } from './last-hour.ts';
import { lastHour, useLastHour } from './live.ts';
import { Panel } from './panel.tsx';
import { Progress } from './progress.tsx';

const design: ChartDesign<LastHour> = {
  lines: [
    { label: 'CPU', color: '--teal', filled: true, values: (hour) => hour.column('cpu') },
    { label: 'memory', color: '--violet', values: (hour) => hour.column('memory') },
  ],
  unit: '%',
  top: 100,
  alone: true,
};

/** The service's last hour, read as a stream when somebody asks for it. */
export function LastHourPanel(): React.ReactElement {
  const hour = useLastHour();
  const connected = useConnectionState((state) => state.status === 'connected');
  const reading = hour.status === 'reading';
  return (
    <Panel
      className="wide last-hour"
      title="Last hour"
      note={
        <>
          <span className="key teal">CPU</span>
          <span className="key violet">memory</span>
        </>
      }
    >
      <Chart source={lastHour} design={design} label="CPU and memory use over the last hour, percent" />
      <div className="transfer">
        <button
          type="button"
          disabled={!connected && !reading}
          onClick={() => (reading ? lastHour.cancel() : lastHour.read())}
        >
          {reading ? 'Cancel' : 'Read the last hour'}
        </button>
        <Progress
          label="Last hour"
          done={hour.received}
          total={hour.total}
          state={reading && !connected ? 'waiting' : hour.status}
        />
        <p className="transfer-text" data-testid="hour" data-status={hour.status} role="status">
          {explain(hour, connected)}
        </p>
      </div>
    </Panel>
  );
}

function explain(hour: LastHourSnapshot, connected: boolean): string {
  const { received, total, missing, duplicates, cuts } = hour;
  const books = `${missing} missing, ${duplicates} twice`;
  const through = cuts > 0 ? `, ${times(cuts)} cut` : '';
  switch (hour.status) {
    case 'idle':
      return 'a stream: as fast as this page reads it';
    case 'reading':
      if (!connected) return `${count(received)} of ${count(total)} · waiting for the cable`;
      return total === 0 ? 'asking …' : `${count(received)} of ${count(total)} · ${books}${through}`;
    case 'done':
      return `${count(received)} of ${count(total)} · ${books}${through}`;
    case 'cancelled':
      return `cancelled at ${count(received)} of ${count(total)}`;
    case 'failed':
      return `failed: ${hour.problem}`;
    default:
      return hour.status satisfies never;
  }
}

function times(cuts: number): string {
  return cuts === 1 ? 'once' : `${cuts} times`;
}
