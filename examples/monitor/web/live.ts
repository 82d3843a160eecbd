import { useSyncExternalStore } from 'react';
import { client } from './client.ts';
import { History } from './history.ts';
import { LastHour, type LastHourSnapshot } from './last-hour.ts';
import { Ledger, type LedgerSnapshot } from './ledger.ts';
import { Sending, type SendingSnapshot } from './sending.ts';

/** Milliseconds between beats. */
const beatEvery = 1_000;
/** Items of the last hour on their way at once: few, so that the service never runs far ahead of a cut. */
const pastWindow = 16;
/** Milliseconds between frames while nothing arrives, so that time goes on in the charts. */
const idleFrameEvery = 500;

export const history = new History();
export const ledger = new Ledger();
export const lastHour = new LastHour(
  (observer) => client.stream('past', undefined, { window: pastWindow }).subscribe(observer),
  touch,
);
export const sending = new Sending((info, file, options) => client.upload('file', info, file, options), touch);

const frameListeners = new Set<() => void>();
let frame: number | undefined;

/** The books as of the last frame. */
export const useLedger: () => LedgerSnapshot = perFrame(() => ledger.snapshot());
/** The reading of the last hour as of the last frame. */
export const useLastHour: () => LastHourSnapshot = perFrame(() => lastHour.snapshot());
/** The file under way as of the last frame. */
export const useSending: () => SendingSnapshot = perFrame(() => sending.snapshot());

/** Calls `draw` once per frame in which something changed; returns the function that stops. */
export function onFrame(draw: () => void): () => void {
  frameListeners.add(draw);
  return () => frameListeners.delete(draw);
}

/** Asks for a frame; many asks before it make one. */
export function touch(): void {
  frame ??= requestAnimationFrame(() => {
    frame = undefined;
    for (const draw of frameListeners) draw();
  });
}

/** A hook for what changes far more often than anybody can see: React is told once per frame. */
function perFrame<T>(take: () => T): () => T {
  let taken = take();
  onFrame(() => {
    taken = take();
  });
  return () => useSyncExternalStore(onFrame, () => taken);
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
      lastHour.linkLost();
      sending.linkLost();
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
