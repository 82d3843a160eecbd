import { useEffect, useState } from 'react';
import type { OutputOf } from '@hawser/core';
import type { Monitor } from '../contract.ts';
import { AlarmsPanel } from './alarms-panel.tsx';
import { CablePanel } from './cable-panel.tsx';
import { Charts } from './charts.tsx';
import { Header } from './header.tsx';
import { useCall, useConnectionState, useLastMessage } from './hooks.ts';
import { IntegrityPanel } from './integrity-panel.tsx';
import { history } from './live.ts';
import { PeersPanel } from './peers-panel.tsx';
import { RemoteControl } from './remote-control.tsx';
import { SendingPanel } from './sending-panel.tsx';
import { ThresholdsPanel } from './thresholds-panel.tsx';

/** The whole page. */
export function App(): React.ReactElement {
  const overview = useOverview();
  const status = useConnectionState((state) => state.status);
  const thresholds = useLastMessage('thresholds') ?? overview?.thresholds;
  const peers = useLastMessage('peers') ?? overview?.peers;
  return (
    <div className="page" data-status={status}>
      <RemoteControl />
      <Header host={overview?.host} />
      <main>
        <div className="machine">
          <Charts thresholds={thresholds} />
          <ThresholdsPanel thresholds={thresholds} />
          <AlarmsPanel earlier={overview?.alarms ?? []} />
        </div>
        <aside aria-label="Session">
          <IntegrityPanel />
          <CablePanel />
          <SendingPanel />
          <PeersPanel peers={peers ?? []} you={overview?.you} />
        </aside>
      </main>
    </div>
  );
}

/** What the service says about itself, asked again whenever the link comes up. */
function useOverview(): OutputOf<Monitor, 'overview'> | undefined {
  const [overview, setOverview] = useState<OutputOf<Monitor, 'overview'>>();
  const connected = useConnectionState((state) => state.status === 'connected');
  const { callAsync } = useCall('overview');
  useEffect(() => {
    // A link that goes away again ends this call; the next link asks anew.
    if (!connected) return;
    const ask = async (): Promise<void> => {
      const answer = await callAsync();
      history.prepend(answer.history, Date.now());
      setOverview(answer);
    };
    ask().catch(() => {});
  }, [connected, callAsync]);
  return overview;
}
