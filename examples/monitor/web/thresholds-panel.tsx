import { useState } from 'react';
import type { ErrorOf } from '@hawser/core';
import type { Metric, Monitor, Thresholds } from '../contract.ts';
import { metricNames, metrics } from '../metrics.ts';
import { measure } from './format.ts';
import { useCall, useLastMessage } from './hooks.ts';
import { Panel } from './panel.tsx';

/** The limits; setting one is a call of the contract. */
export function ThresholdsPanel({ thresholds }: { readonly thresholds: Thresholds | undefined }): React.ReactElement {
  return (
    <Panel className="thresholds" title="Limits" note="empty means off">
      {metricNames.map((metric) => (
        // A limit somebody else set replaces what is typed here.
        <Row key={`${metric} ${thresholds?.[metric]}`} metric={metric} limit={thresholds?.[metric] ?? null} />
      ))}
    </Panel>
  );
}

function Row({ metric, limit }: { readonly metric: Metric; readonly limit: number | null }): React.ReactElement {
  const { label, unit, read } = metrics[metric];
  const { call, status, error, isPending } = useCall('setThreshold', { timeout: 5_000 });
  const [text, setText] = useState(limit === null ? '' : String(limit));
  const sample = useLastMessage('sample');
  const value = sample && read(sample);
  const over = limit !== null && value !== undefined && value >= limit;
  const errorId = `limit-error-${metric}`;
  return (
    <form
      className="threshold"
      onSubmit={(event) => {
        event.preventDefault();
        call({ metric, limit: text.trim() === '' ? null : Number(text) });
      }}
    >
      <label htmlFor={`limit-${metric}`}>{label}</label>
      <output className={over ? 'over' : ''} aria-label={`${label} now`}>
        {value === undefined ? '–' : measure(value)}
      </output>
      <span className="field">
        <input
          id={`limit-${metric}`}
          aria-label={`${label} limit, ${unit}`}
          inputMode="decimal"
          autoComplete="off"
          placeholder="off"
          value={text}
          aria-invalid={status === 'error'}
          aria-describedby={status === 'error' ? errorId : undefined}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <span aria-hidden="true">{unit}</span>
      </span>
      <button type="submit" disabled={isPending} aria-label={`Set ${label} limit`}>
        {isPending ? '…' : 'Set'}
      </button>
      {status === 'error' && (
        <p id={errorId} className="problem" role="alert">
          {explain(label, error)}
        </p>
      )}
    </form>
  );
}

function explain(label: string, error: ErrorOf<Monitor, 'setThreshold'>): string {
  if (error.origin === 'system') {
    return error.code === 'INVALID_INPUT' ? 'That is not a number.' : `Not set: ${error.message}`;
  }
  switch (error.code) {
    case 'OUT_OF_RANGE':
      return `${label} must lie between ${error.data.min} and ${error.data.max} ${error.data.unit}.`;
    case 'NOT_METERED':
      return `${label} is not measured on this machine.`;
    default:
      return error satisfies never;
  }
}
