import { count, clock, duration } from './format.ts';
import type { Direction, LinkEvent } from './ledger.ts';
import { useLedger } from './live.ts';
import { Panel } from './panel.tsx';

/** The proof: what was sent is what arrived, in both directions, through every cut. */
export function IntegrityPanel(): React.ReactElement {
  const { down, up, resumes, sessionsLost, events } = useLedger();
  const waiting = down.sent - down.received - down.missing;
  const wrong = down.missing + down.duplicates + up.missing + up.duplicates;
  return (
    <Panel
      className="integrity"
      title="Integrity"
      note={<Verdict wrong={wrong} waiting={waiting} started={down.sent > 0} />}
    >
      <dl className="books">
        <Number id="sent" name="sent" value={down.sent} />
        <Number id="received" name="received" value={down.received} />
        <Number id="missing" name="missing" value={down.missing} bad={down.missing > 0} />
        <Number id="duplicates" name="duplicates" value={down.duplicates} bad={down.duplicates > 0} />
      </dl>
      <Way direction={down} />
      <p className="way-back">
        <span>page → service</span>
        <Back {...up} />
      </p>
      <p className="sessions">
        <span>
          <b data-testid="resumes">{count(resumes)}</b> {resumes === 1 ? 'resume' : 'resumes'}
        </span>
        <span className={sessionsLost > 0 ? 'bad' : ''}>
          <b>{count(sessionsLost)}</b> {sessionsLost === 1 ? 'session' : 'sessions'} lost
        </span>
      </p>
      <Events events={events} />
    </Panel>
  );
}

function Verdict({
  wrong,
  waiting,
  started,
}: {
  readonly wrong: number;
  readonly waiting: number;
  readonly started: boolean;
}): React.ReactElement {
  if (!started) return <span className="badge">waiting for the first sample</span>;
  if (wrong > 0) return <span className="badge bad">{count(wrong)} wrong</span>;
  if (waiting > 0) return <span className="badge late">{count(waiting)} held by the service</span>;
  return <span className="badge good">nothing missing</span>;
}

function Number({
  id,
  name,
  value,
  bad = false,
}: {
  readonly id: string;
  readonly name: string;
  readonly value: number;
  readonly bad?: boolean;
}): React.ReactElement {
  return (
    <div className={bad ? 'bad' : ''}>
      <dt>{name}</dt>
      <dd data-testid={id}>{count(value)}</dd>
    </div>
  );
}

/** How much of what was sent has arrived. */
function Way({ direction: { sent, received } }: { readonly direction: Direction }): React.ReactElement {
  const share = sent === 0 ? 100 : (received / sent) * 100;
  return (
    <div className="bar" role="img" aria-label={`${count(received)} of ${count(sent)} samples have arrived`}>
      <span style={{ width: `${share}%` }} />
    </div>
  );
}

function Back({ sent, received, missing, duplicates }: Direction): React.ReactElement {
  return (
    <span>
      <b>{count(received)}</b> of <b>{count(sent)}</b> beats
      {missing + duplicates > 0 && (
        <span className="bad">
          {' '}
          · {missing} missing, {duplicates} twice
        </span>
      )}
    </span>
  );
}

const shownEvents = 3;

function Events({ events }: { readonly events: readonly LinkEvent[] }): React.ReactElement | null {
  if (events.length === 0) return null;
  return (
    <ol className="events" aria-label="What happened to the link">
      {events.slice(0, shownEvents).map((event) => (
        <li key={event.id} data-kind={event.kind}>
          <time>{clock(event.at)}</time> {sentence(event)}
        </li>
      ))}
    </ol>
  );
}

function sentence({ kind, away, caughtUp }: LinkEvent): string {
  if (kind === 'lost') return 'link lost';
  const caught = caughtUp > 0 ? `, ${count(caughtUp)} caught up` : '';
  return `${kind === 'resumed' ? 'resumed' : 'back with a new session'} after ${duration(away)}${caught}`;
}
