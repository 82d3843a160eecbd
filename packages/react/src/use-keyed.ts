import { useState } from 'react';
import type { UntypedClient } from './untyped-client.ts';

/**
 * Holds one value per client and name: made on first render, made anew when either changes, kept otherwise.
 *
 * `useMemo` may forget, and does so on each Fast Refresh; shown messages must not vanish then.
 */
export function useKeyed<T>(client: UntypedClient, name: string, create: () => T): T {
  const make = (): { client: UntypedClient; name: string; value: T } => ({ client, name, value: create() });
  const [kept, keep] = useState(make);
  if (kept.client === client && kept.name === name) return kept.value;
  const made = make();
  keep(made);
  return made.value;
}
