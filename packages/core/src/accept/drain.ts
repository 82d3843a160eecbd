import type { Clock } from '../driver/clock.ts';
import type { HostedPeer } from './hosted-peer.ts';

/** How often it looks, milliseconds. */
const interval = 20;

/**
 * Waits until every connected peer has its answers and has acknowledged all it was sent, or `limit` milliseconds passed.
 */
export async function drainPeers(peers: Iterable<HostedPeer>, limit: number, clock: Clock): Promise<void> {
  const until = clock.now() + limit;
  const waiting = new Set(peers);
  const asked = new Set<HostedPeer>();
  for (;;) {
    for (const peer of waiting) {
      const answering = peer.runningHandlers > 0;
      if (!peer.connected || (!answering && peer.outstanding === 0)) waiting.delete(peer);
      else if (answering) asked.delete(peer);
      else if (!asked.has(peer)) {
        // Alone, an ack may take its time; asked for, it takes one round trip.
        asked.add(peer);
        peer.flush();
      }
    }
    const left = until - clock.now();
    if (waiting.size === 0 || left <= 0) return;
    await new Promise<void>((resolve) => clock.setTimer(resolve, Math.min(interval, left)));
  }
}
