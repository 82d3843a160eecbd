import type { ConnectionState } from '@hawser/core';

type Status = ConnectionState['status'];

/** Which status may follow which; a status may always follow itself with other details, except `closed`. */
const next: Readonly<Record<Status, readonly Status[]>> = {
  idle: ['connecting', 'suspended', 'closed'],
  connecting: ['connected', 'reconnecting', 'suspended', 'idle', 'closed'],
  connected: ['reconnecting', 'suspended', 'idle', 'closed'],
  reconnecting: ['connected', 'suspended', 'idle', 'closed'],
  suspended: ['connecting', 'reconnecting', 'idle', 'closed'],
  closed: [],
};

/** What is wrong with one change of state, in words; `undefined` when nothing is. */
export function illegalStep(before: ConnectionState, now: ConnectionState): string | undefined {
  if (before.status === 'closed') return `${now.status} after closed`;
  if (before === now) return `${now.status} told twice`;
  if (before.status === now.status || next[before.status].includes(now.status)) return undefined;
  return `${before.status} -> ${now.status}`;
}

/** What is wrong with the changes a listener of `onState` was told, each with the one before it. */
export function illegalPath(changes: readonly (readonly [now: ConnectionState, before: ConnectionState])[]): string[] {
  return changes.flatMap(([now, before], index) => {
    const previous = changes[index - 1];
    const torn =
      previous !== undefined && previous[0] !== before ? [`change ${index} does not start where the last ended`] : [];
    const step = illegalStep(before, now);
    return step === undefined ? torn : [...torn, step];
  });
}
