import { makeCpuProfile } from './cpu-profile.ts';
import { bytes, duration } from './format.ts';
import { useConnectionState } from './hooks.ts';
import { sending, useSending } from './live.ts';
import { Panel } from './panel.tsx';
import { Progress } from './progress.tsx';
import type { SendingSnapshot } from './sending.ts';

/** Bytes of the profile that is made up here. */
const profileSize = 6_000_000;

/** Sends a file to the service: an upload of the contract. */
export function SendingPanel(): React.ReactElement {
  const file = useSending();
  const connected = useConnectionState((state) => state.status === 'connected');
  const busy = file.status === 'sending';
  return (
    <Panel className="sending" title="Send a file" note={file.name === '' ? 'an upload' : file.name}>
      <div className="senders">
        <button
          type="button"
          disabled={!connected && !busy}
          title={busy ? 'Stop here and at the service' : 'Makes one up, in the format of Chrome’s DevTools'}
          onClick={() => (busy ? sending.cancel() : void sending.send('page.cpuprofile', makeCpuProfile(profileSize)))}
        >
          {busy ? 'Cancel' : 'Send a CPU profile'}
        </button>
        <label className="button" aria-disabled={busy || !connected}>
          Choose a file …
          <input
            type="file"
            aria-label="File to send"
            disabled={busy || !connected}
            onChange={({ currentTarget }) => {
              const [chosen] = currentTarget.files ?? [];
              if (chosen) void sending.send(chosen.name, chosen);
              // The same file may be chosen again.
              currentTarget.value = '';
            }}
          />
        </label>
      </div>
      <Progress
        label="File"
        done={file.acked}
        total={file.total}
        state={busy && !connected ? 'waiting' : file.status}
      />
      <div className="sent" data-testid="file" data-status={file.status} role="status">
        <p>{explain(file, connected)}</p>
        <Verdict file={file} />
      </div>
    </Panel>
  );
}

function explain({ status, acked, total, cuts, receipt, problem }: SendingSnapshot, connected: boolean): string {
  const through = cuts > 0 ? `, ${cuts === 1 ? 'once' : `${cuts} times`} cut` : '';
  switch (status) {
    case 'idle':
      return 'Cut the cable in the middle: it goes on where it stopped.';
    case 'sending':
      return `${bytes(acked)} of ${bytes(total)} acknowledged${connected ? through : ' · waiting'}`;
    case 'done':
      return `${bytes(receipt?.size ?? 0)} in ${duration(receipt?.took ?? 0)}${through}`;
    case 'cancelled':
      return `Cancelled at ${bytes(acked)} of ${bytes(total)}.`;
    case 'failed':
      return `Failed: ${problem}`;
    default:
      return status satisfies never;
  }
}

/** Whether what arrived is what was sent. */
function Verdict({ file: { receipt, sha256, total } }: { readonly file: SendingSnapshot }): React.ReactElement {
  if (!receipt) return <p className="verdict">&nbsp;</p>;
  const short = `${receipt.sha256.slice(0, 8)}…${receipt.sha256.slice(-4)}`;
  const isEqual = receipt.size === total && receipt.sha256 === sha256;
  const [tone, text] =
    sha256 === undefined
      ? ['late', 'not compared']
      : isEqual
        ? ['good', 'same here and there']
        : ['bad', 'not the same'];
  return (
    <p className="verdict">
      <code title={receipt.sha256}>sha-256 {short}</code>
      <span className={`badge ${tone}`}>{text}</span>
    </p>
  );
}
