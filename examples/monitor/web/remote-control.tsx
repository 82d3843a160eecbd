import { useState } from 'react';
import { client, identity } from './client.ts';
import { count } from './format.ts';
import { useHandler } from './hooks.ts';
import { ledger } from './live.ts';

/** This page's side of `run`: the service calls, the page does it and answers. */
export function RemoteControl(): React.ReactElement | null {
  const [flashes, setFlashes] = useState({ number: 0, from: '' });
  useHandler('run', ({ command, from }, { fail }) => {
    switch (command) {
      case 'identify':
        setFlashes(({ number }) => ({ number: number + 1, from }));
        return { text: `${identity.name} flashed`, facts: { window: `${innerWidth} × ${innerHeight}` } };
      case 'report':
        return { text: `${identity.name} is well`, facts: facts() };
      case 'gc':
      case 'burn':
        return fail('UNSUPPORTED', { command });
      default:
        return command satisfies never;
    }
  });
  if (flashes.number === 0) return null;
  return (
    // A new key starts the animation again.
    <div className="flash" key={flashes.number} role="status">
      <p>
        {flashes.from} asked who is here: <b>{identity.name}</b>
      </p>
    </div>
  );
}

function facts(): Record<string, string> {
  const { down, resumes } = ledger.snapshot();
  const { state } = client;
  return {
    samples: `${count(down.received)} received, ${down.missing} missing, ${down.duplicates} twice`,
    resumes: String(resumes),
    'round trip': state.status === 'connected' && state.latency !== undefined ? `${state.latency.toFixed(1)} ms` : '–',
    screen: `${screen.width} × ${screen.height}`,
    visible: document.visibilityState,
  };
}
