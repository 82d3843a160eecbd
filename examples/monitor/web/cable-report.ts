import { useEffect, useState } from 'react';
import type { Fault } from '../harness/cable.ts';
import type { CableReport } from '../harness/control.ts';
import { useConnectionState } from './hooks.ts';
import { ledger, touch } from './live.ts';

/** Milliseconds between looks at the cable while something is wrong with it, and while all is well. */
const lookEvery = { trouble: 400, calm: 5_000 };

/** The lever of the cable, and what is known about it beside the cable. */
export interface CableLever {
  readonly report: CableReport | undefined;
  readonly fail: (fault: Fault, seconds: number) => void;
  readonly restore: () => void;
}

/** Watches and works the cable by plain HTTP, past the cable. */
export function useCable(): CableLever {
  const [report, setReport] = useState<CableReport>();
  const connected = useConnectionState((state) => state.status === 'connected');
  const trouble = !connected || (report !== undefined && report.cable.state !== 'up');

  useEffect(() => {
    let stopped = false;
    const look = async (): Promise<void> => {
      const next = await ask('GET', '').catch(() => undefined);
      if (stopped || !next) return;
      setReport(next);
      // Only during an outage: while samples flow, those just on their way would look as if they were held back.
      if (!connected || next.cable.state !== 'up') tellLedger(next);
    };
    void look();
    const timer = setInterval(() => void look(), trouble ? lookEvery.trouble : lookEvery.calm);
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }, [trouble, connected]);

  const order = (path: string, body: unknown): void => {
    ask('POST', path, body).then(setReport, () => {});
  };
  return {
    report,
    fail: (fault, seconds) => order('/fail', { fault, seconds }),
    restore: () => order('/restore', {}),
  };
}

function tellLedger({ sent }: CableReport): void {
  ledger.serviceSent(sent);
  touch();
}

async function ask(method: string, path: string, body?: unknown): Promise<CableReport> {
  const response = await fetch(`/control${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  if (!response.ok) throw new Error(`The cable's lever answered ${response.status}.`);
  return (await response.json()) as CableReport;
}
