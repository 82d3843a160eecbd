import { acceptDefaults, ContractPeer, Endpoint, jsonCodec, type CallContext } from '@hawser/core/endpoint';
import { contract } from '../compare/hawser-contract.ts';
import { readingOf } from '../compare/reading.ts';
import type { Part } from './part.ts';

/** A peer without a connection. */
class LonePeer extends ContractPeer {
  report({ error }: { readonly error: Error }): never {
    throw error;
  }
  context(): CallContext {
    throw new Error('nobody calls');
  }
  randomId(): string {
    return 'id';
  }
  wake(): void {}
  now(): number {
    return 0;
  }
  congested(): boolean {
    return false;
  }
  use(): void {}
  lease(): () => void {
    return () => undefined;
  }
  after(): () => void {
    return () => undefined;
  }
}

function peer(validation: 'off' | 'inbound'): ContractPeer {
  const { accepts, keeps } = acceptDefaults;
  const options = { accepts, keeps, runningHandlers: 64, overflow: 'reject', firstId: 2, codec: jsonCodec } as const;
  const made = new LonePeer(new Endpoint(options), {
    outgoing: new Map(),
    incoming: new Map(Object.entries(contract.clientToServer)),
    interactions: [],
    validation,
    callTimeout: 30_000,
  });
  made.on('reading', () => undefined);
  return made;
}

const checking = peer('inbound');
const trusting = peer('off');
const frame = [1, 'reading', readingOf(7)] as const;
const handlers = new Map([['reading', () => undefined]]);

/** From a decoded frame to the application's listener. */
export const dispatch: readonly Part[] = [
  { name: 'a Map of handlers', run: () => handlers.get('reading')?.() },
  { name: 'peer.deliver, no validation', run: () => trusting.deliver(frame) },
  { name: 'peer.deliver, zod', run: () => checking.deliver(frame) },
];
