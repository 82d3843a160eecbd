import type { OutputOf } from '@hawser/core';
import type { Monitor } from '../contract.ts';
import { ConnectionPill } from './connection-pill.tsx';
import mark from './mark.svg';
import { type Theme, nextTheme, useTheme } from './theme.ts';

const themeSigns: Readonly<Record<Theme, string>> = { auto: '◐', light: '☀', dark: '☾' };

/** Name, machine, connection. */
export function Header({
  host,
}: {
  readonly host: OutputOf<Monitor, 'overview'>['host'] | undefined;
}): React.ReactElement {
  const theme = useTheme();
  return (
    <header className="top">
      <img src={mark} alt="" width="34" height="34" />
      <h1>
        Hawser <span>monitor</span>
      </h1>
      {host && (
        <p className="host">
          <strong>{host.name}</strong> {host.cores} × {host.model}, {host.platform}, Node {host.node}
        </p>
      )}
      <ConnectionPill />
      <button
        type="button"
        className="theme"
        onClick={nextTheme}
        aria-label={`Theme: ${theme}. Change it.`}
        title={`Theme: ${theme}`}
      >
        <span aria-hidden="true">{themeSigns[theme]}</span>
      </button>
    </header>
  );
}
