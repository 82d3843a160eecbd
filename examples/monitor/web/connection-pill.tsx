import type { ConnectionState } from '@hawser/core';
import { useEffect } from 'react';
import { client } from './client.ts';
import { duration } from './format.ts';
import { useConnectionState } from './hooks.ts';
import { useNow } from './use-now.ts';

/** The connection at a glance: state, attempt and countdown, round trip, session. */
export function ConnectionPill(): React.ReactElement {
  const state = useConnectionState();
  const { status } = state;
  useEffect(() => {
    document.title = status === 'connected' ? 'Hawser monitor' : `${status} – Hawser monitor`;
  }, [status]);
  return (
    <div className="pill" data-status={state.status} data-degraded={state.status === 'connected' && state.degraded}>
      <span className="dot" aria-hidden="true" />
      {/* Only the word is announced: a countdown read aloud every second helps nobody. */}
      <strong role="status" aria-label="Connection">
        {headline(state)}
      </strong>
      <Details state={state} />
    </div>
  );
}

function headline(state: ConnectionState): string {
  if (state.status === 'connected' && state.degraded) return 'slow';
  return state.status;
}

function Details({ state }: { readonly state: ConnectionState }): React.ReactElement | null {
  switch (state.status) {
    case 'connected':
      return (
        <>
          <span className="detail" title="Round trip">
            {state.latency === undefined ? '– ms' : duration(state.latency)}
          </span>
          <span className="detail session" title={`Session ${client.sessionId ?? ''}`}>
            session <code>{client.sessionId?.slice(0, 6) ?? '–'}</code>
          </span>
        </>
      );
    case 'connecting':
      return <span className="detail">attempt {state.attempt}</span>;
    case 'reconnecting':
      return (
        <>
          <span className="detail">attempt {state.attempt}</span>
          <span className="detail retry" title={state.error.message}>
            {state.phase === 'waiting' ? <Countdown to={state.retryAt} /> : phases[state.phase]}
          </span>
        </>
      );
    case 'suspended':
    case 'closed':
      return <span className="detail">{state.reason}</span>;
    case 'idle':
      return null;
    default:
      return state satisfies never;
  }
}

const phases = { preparing: 'getting ready', opening: 'dialling', greeting: 'shaking hands' } as const;

function Countdown({ to }: { readonly to: number }): React.ReactElement {
  const now = useNow(100);
  return <>next try in {(Math.max(0, to - now) / 1000).toFixed(1)} s</>;
}
