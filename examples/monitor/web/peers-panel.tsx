import { useState } from 'react';
import type { ErrorOf } from '@hawser/core';
import type { Command, Monitor, PeerInfo } from '../contract.ts';
import { duration } from './format.ts';
import { useCall } from './hooks.ts';
import { Panel } from './panel.tsx';

const commands: readonly { readonly command: Command; readonly label: string; readonly title: string }[] = [
  { command: 'identify', label: 'Identify', title: 'Make it show itself' },
  { command: 'report', label: 'Report', title: 'Ask how it is' },
  { command: 'gc', label: 'Collect garbage', title: 'Have its memory cleaned up' },
  { command: 'burn', label: 'Burn CPU', title: 'Keep one core busy for five seconds' },
];

/** Who is connected, and what each can be asked: the service calls the peer, the peer answers. */
export function PeersPanel({
  peers,
  you,
}: {
  readonly peers: readonly PeerInfo[];
  readonly you: string | undefined;
}): React.ReactElement {
  const [chosen, choose] = useState<string>();
  const target = peers.find(({ id }) => id === chosen) ?? peers.find(({ kind }) => kind === 'agent') ?? peers[0];
  const run = useCall('runOn', { timeout: 10_000 });
  return (
    <Panel className="peers" title="Peers" note="the service calls them">
      <div className="list" role="radiogroup" aria-label="Connected peers">
        {peers.map((peer) => (
          <label key={peer.id}>
            <input type="radio" name="peer" checked={peer.id === target?.id} onChange={() => choose(peer.id)} />
            <span className="kind" data-kind={peer.kind} data-linked={peer.linked} aria-hidden="true" />
            <span className="name">{peer.name}</span>
            {peer.id === you && <span className="tag">this page</span>}
            {!peer.linked && <span className="tag away">away</span>}
            <code>{peer.id.slice(0, 6)}</code>
          </label>
        ))}
      </div>
      <div className="commands">
        {commands.map(({ command, label, title }) => (
          <button
            key={command}
            type="button"
            title={title}
            disabled={!target?.commands.includes(command) || run.isPending}
            onClick={() => target && run.call({ peer: target.id, command })}
          >
            {label}
          </button>
        ))}
      </div>
      <div className="answer" role="status" aria-label="Answer">
        {run.status === 'success' && (
          <>
            <p>
              {run.data.answer.text} <span className="took">{duration(run.data.took)}</span>
            </p>
            <dl>
              {Object.entries(run.data.answer.facts).map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </>
        )}
        {run.status === 'error' && <p className="problem">{explain(run.error)}</p>}
        {run.status === 'pending' && <p className="empty">asking …</p>}
        {run.status === 'idle' && <p className="empty">Choose a peer and a command.</p>}
      </div>
    </Panel>
  );
}

function explain(error: ErrorOf<Monitor, 'runOn'>): string {
  if (error.origin === 'system') return `No answer: ${error.message}`;
  switch (error.code) {
    case 'GONE':
      return 'That peer has left.';
    case 'BUSY':
      return `It is busy: ${error.data.job}.`;
    case 'UNSUPPORTED':
      return `It cannot do ${error.data.command}.`;
    case 'NO_ANSWER':
      return `It did not answer: ${error.data.text}`;
    default:
      return error satisfies never;
  }
}
