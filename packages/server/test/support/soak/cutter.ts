import type { FaultProxy } from '../fault-proxy.ts';
import { until } from '../until.ts';

/** Cuts links in turn by every means there is. */
export interface Cutter {
  /** Links cut so far. */
  readonly done: number;
  /** Cuts the present link, and sometimes the next ones in the middle of their handshake; resolves when it happened. */
  once(): Promise<void>;
}

/** Longer than an upgrade with hello and welcome takes, bytes, either way. */
const handshake = 900;

/** @param random - in [0, 1), decides where the cuts fall */
export function cutter(proxy: FaultProxy, random: () => number): Cutter {
  const bytes = (most: number): number => Math.floor(random() * most);
  const kinds: readonly (() => void)[] = [
    () => proxy.rst(),
    () => proxy.fin(),
    () => proxy.links[0]?.up.cutAfter(bytes(4_000)),
    () => proxy.links[0]?.down.cutAfter(bytes(4_000)),
    () => proxy.links[0]?.down.cutAfter(bytes(4_000), 'rst'),
    () => {
      // One that breaks while it is being set up, behind one that was reset.
      proxy.onNextLink((link) => link[random() < 0.5 ? 'up' : 'down'].cutAfter(bytes(handshake), 'rst'));
      proxy.rst();
    },
  ];
  let turn = 0;
  return {
    get done() {
      return proxy.log.filter(({ event }) => event === 'rst' || event === 'destroy' || event === 'fin').length;
    },
    async once() {
      await until('there is one link to cut', () => proxy.links.length === 1);
      const before = this.done;
      kinds[turn % kinds.length]?.();
      turn += 1;
      await until('it is cut', () => this.done > before, 10_000);
    },
  };
}
