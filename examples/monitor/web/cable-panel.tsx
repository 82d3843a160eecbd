import { useState } from 'react';
import type { CableReport } from '../harness/control.ts';
import { useCable } from './cable-report.ts';
import { bytes } from './format.ts';
import { Panel } from './panel.tsx';
import { Rope } from './rope.tsx';
import { useNow } from './use-now.ts';

const choices = [2, 5, 10, 20] as const;

/** The TCP proxy between page and service, with a lever. */
export function CablePanel(): React.ReactElement {
  const { report, fail, restore } = useCable();
  const [seconds, setSeconds] = useState<number>(5);
  const state = report?.cable.state ?? 'up';
  return (
    <Panel className="cable" title="Cable" note={<CableNote report={report} />}>
      <Rope state={state} />
      <fieldset className="seconds">
        <legend>for</legend>
        {choices.map((choice) => (
          <label key={choice}>
            <input type="radio" name="seconds" checked={seconds === choice} onChange={() => setSeconds(choice)} />
            <span>{choice} s</span>
          </label>
        ))}
      </fieldset>
      <div className="levers">
        <button
          type="button"
          className="danger"
          onClick={() => fail('cut', seconds)}
          title="Reset every TCP connection and refuse new ones"
        >
          Cut the cable
        </button>
        <button
          type="button"
          onClick={() => fail('black-hole', seconds)}
          title="Keep the connections open and swallow every byte: only the heartbeat notices"
        >
          Black hole
        </button>
        <button type="button" onClick={restore} disabled={state === 'up'}>
          Repair
        </button>
      </div>
    </Panel>
  );
}

function CableNote({ report }: { readonly report: CableReport | undefined }): React.ReactElement | null {
  const broken = report !== undefined && report.cable.state !== 'up';
  const now = useNow(broken ? 100 : null);
  if (!report) return null;
  const { cable } = report;
  if (cable.state === 'up') {
    return (
      <>
        TCP proxy · {report.links} {report.links === 1 ? 'link' : 'links'} · {bytes(report.bytes)}
      </>
    );
  }
  const left = Math.max(0, (cable.until - now) / 1000).toFixed(1);
  return (
    <span className="badge bad">
      {cable.state === 'cut' ? 'cut' : 'swallowing'} · {left} s left
    </span>
  );
}
