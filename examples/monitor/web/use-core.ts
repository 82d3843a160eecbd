import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { TopicSnapshot } from '@hawser/core';
import type { CoreLoad } from '../contract.ts';
import { client } from './client.ts';

/** Values kept: as many as the topic retains. */
const kept = 60;

interface Trail {
  readonly shares: readonly number[];
  /** Place in the topic's history of the newest one. */
  readonly offset: number;
}

/** What is known of one core, and where its topic stands. */
export interface Core {
  readonly snapshot: TopicSnapshot<CoreLoad>;
  /** Busy shares, percent, oldest first. */
  readonly trail: readonly number[];
}

/** Follows the topic of one core while `on`; looking at where it stands subscribes to nothing. */
export function useCore(core: number, on: boolean): Core {
  const [trail, setTrail] = useState<Trail>({ shares: [], offset: 0 });
  const topic = useMemo(() => client.topic('core', { core }), [core]);
  const [onChange, getSnapshot] = useMemo(
    () => [(listener: () => void) => topic.onChange(listener), () => topic.getSnapshot()] as const,
    [topic],
  );
  const snapshot = useSyncExternalStore(onChange, getSnapshot);
  useEffect(() => {
    if (!on) return undefined;
    const subscription = topic.subscribe({
      next: ({ share }, { gap, offset }) => setTrail((before) => follow(before, share, gap, offset)),
      // The snapshot tells it.
      error: () => {},
    });
    return () => subscription.unsubscribe();
  }, [topic, on]);
  return { snapshot, trail: trail.shares };
}

function follow(before: Trail, share: number, gap: boolean, offset: number): Trail {
  // Where something is missing, the line begins anew rather than bridge it.
  if (gap) return { shares: [share], offset };
  // Whoever subscribes again is given the last one again.
  if (offset === before.offset) return before;
  return { shares: [...before.shares, share].slice(-kept), offset };
}
