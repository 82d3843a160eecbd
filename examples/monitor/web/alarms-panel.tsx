import type { Alarm } from '../contract.ts';
import { metrics } from '../metrics.ts';
import { clock, measure } from './format.ts';
import { useMessages } from './hooks.ts';
import { Panel } from './panel.tsx';

const shown = 6;

/** What the service raised: those from before this page, then those it saw itself. */
export function AlarmsPanel({ earlier }: { readonly earlier: readonly Alarm[] }): React.ReactElement {
  const live = useMessages('alarm', { limit: 50 });
  const alarms = [...new Map([...earlier, ...live].map((alarm) => [alarm.id, alarm])).values()].toSorted(
    (a, b) => b.id - a.id,
  );
  const standing = new Map<string, Alarm>();
  for (const alarm of alarms.toReversed()) standing.set(alarm.metric, alarm);
  const raised = [...standing.values()].filter(({ phase }) => phase === 'raised').length;
  return (
    <Panel
      className="alarms"
      title="Alarms"
      note={
        raised > 0 ? (
          <span className="badge bad">{raised} standing</span>
        ) : (
          <span className="badge good">all quiet</span>
        )
      }
    >
      <div role="log" aria-label="Alarms, newest first">
        <ol>
          {alarms.slice(0, shown).map((alarm) => (
            <li key={alarm.id} data-phase={alarm.phase}>
              <time>{clock(alarm.at)}</time>
              <span>
                <b>{metrics[alarm.metric].label}</b> {alarm.phase === 'raised' ? 'reached' : 'back to'}{' '}
                {measure(alarm.value)} {metrics[alarm.metric].unit}
              </span>
              <span className="of">limit {alarm.limit}</span>
            </li>
          ))}
        </ol>
      </div>
      {alarms.length === 0 && <p className="empty">Set a limit below the current value to see one.</p>}
    </Panel>
  );
}
