import { useSyncExternalStore } from 'react';
import { client } from './client.ts';
import { History } from './history.ts';
import { Ledger, type LedgerSnapshot } from './ledger.ts';

/** Milliseconds between beats. */
const beatEvery = 1_000;
/** Milliseconds between frames while nothing arrives, so that time goes on in the charts. */
const idleFrameEvery = 500;

export const history = new History();
export const ledger = new Ledger();

const frameListeners = new Set<() => void>();
const ledgerListeners = new Set<() => void>();
let frame: number | undefined;
let snapshot = ledger.snapshot();

/** Calls `draw` once per frame in which something changed; returns the function that stops. */
export function onFrame(draw: () => void): () => void {
  frameListeners.add(draw);
  return () => frameListeners.delete(draw);
}

/** Asks for a frame; many asks before it make one. */
export function touch(): void {
  frame ??= requestAnimationFrame(() => {
    frame = undefined;
    snapshot = ledger.snapshot();
    for (const draw of frameListeners) draw();
    for (const listener of ledgerListeners) listener();
  });
}

/** The books as of the last frame. */
export function useLedger(): LedgerSnapshot {
  return useSyncExternalStore(subscribeLedger, () => snapshot);
}

function subscribeLedger(listener: () => void): () => void {
  ledgerListeners.add(listener);
  return () => ledgerListeners.delete(listener);
}

/** Starts writing down what arrives. Charts and books live outside React, which is told once per frame. */
export function startRecording(): void {
  client.on('sample', (sample) => {
    ledger.sample(sample.n, history.add(sample, Date.now()));
    touch();
  });
  client.on('beats', (tally) => {
    ledger.beatsCounted(tally);
    touch();
  });
  client.onSessionLost(() => ledger.sessionLost());
  client.onState((now, before) => {
    const at = Date.now();
    if (before.status === 'connected' && now.status !== 'connected') {
      history.linkLost(at);
      ledger.linkLost(at);
    }
    if (now.status === 'connected' && before.status !== 'connected') {
      history.linkBack(at);
      ledger.linkBack(at, now.resumed);
    }
    touch();
  });
  setInterval(() => {
    // Beats of an outage wait in the queue and arrive when the link is back; before the first one there is no session.
    if (client.sessionId !== undefined) client.send('beat', { n: ledger.nextBeat() });
  }, beatEvery);
  setInterval(touch, idleFrameEvery);
  // A page that is left for good ends its session; otherwise the service would keep it for a while.
  addEventListener('pagehide', (event) => {
    if (!event.persisted) void client.close();
  });
}
