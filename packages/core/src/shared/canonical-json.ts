/**
 * JSON with the keys of every object sorted, so that equal values give equal text whatever order they were built in.
 *
 * @throws TypeError for what JSON cannot hold: a cycle, a BigInt
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, sortKeys) ?? '';
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // Pairs instead of an object: whole-number keys of an object come first whatever the order, which is fine, and a key
  // such as `__proto__` must stay a key.
  const sorted: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const keys = Object.keys(value);
  keys.sort();
  for (const key of keys) sorted[key] = (value as Record<string, unknown>)[key];
  return sorted;
}
