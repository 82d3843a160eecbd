import { acceptDefaults, BulkEndpoint, Heartbeat, jsonCodec, Rhythm, type Endpoint } from '@hawser/core/endpoint';
import { readingOf } from '../compare/reading.ts';
import type { Part } from './part.ts';

function endpoint(firstId: 1 | 2): Endpoint {
  const { accepts, keeps, heartbeat: timing } = acceptDefaults;
  const made = new BulkEndpoint({ accepts, keeps, runningHandlers: 64, overflow: 'reject', firstId, codec: jsonCodec });
  const heartbeat = firstId === 1 ? new Heartbeat(timing, 0) : new Rhythm(timing, 25_000, 0);
  made.attach({ peerReceived: 0, peerAccepts: accepts, heartbeat }, 0);
  return made;
}

/** A message from `send` of one end to the outputs of the other, numbered and acknowledged; no socket. */
function pass(count: number): () => unknown {
  const sender = endpoint(1);
  const receiver = endpoint(2);
  let now = 0;
  const carry = (from: Endpoint, to: Endpoint): void => {
    for (let data; (data = from.nextPacket(now)) !== undefined;) to.receive(data, now);
    to.outputs.length = 0;
  };
  return () => {
    now += 1;
    for (let n = 0; n < count; n += 1) sender.send('reading', readingOf(n));
    carry(sender, receiver);
    carry(receiver, sender);
    return receiver;
  };
}

export const session: readonly Part[] = [
  { name: 'endpoint to endpoint, 1 message a packet', run: pass(1) },
  { name: 'endpoint to endpoint, 100 messages in a tick', run: pass(100), per: 100 },
];
