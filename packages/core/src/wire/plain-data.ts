import type { Test } from './field.ts';
import { maxDepth, maxKeys } from './limits.ts';

/** Keys that reach an object's prototype when copied carelessly; no frame may carry them. */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

/** What `toJSON` makes of a value that has one, as `JSON.stringify` would call it. */
export function converted(value: unknown, key: string | number): unknown {
  const convert =
    (typeof value === 'object' || typeof value === 'bigint') && (value as { readonly toJSON?: unknown } | null)?.toJSON;
  return typeof convert === 'function' ? convert.call(value, String(key)) : value;
}

/**
 * Whether a packet may contain a value, `protocol/README.md` section 1.4; the one walk for both directions.
 *
 * @param key - where the value stands, for `toJSON`
 * @param depth - level of the value; the packet is level 1, a frame level 2. The limit also ends the walk of a cycle
 * @param isBytes - given only for what is about to be sent, where `toJSON` is called: which binary types the codec carries
 */
export function isPlainData(value: unknown, key: string | number, depth: number, isBytes?: Test): boolean {
  let data = value;
  if (isBytes) {
    // A Node buffer has a toJSON, and is bytes all the same.
    if (!ArrayBuffer.isView(data)) data = converted(data, key);
    if (ArrayBuffer.isView(data)) return isBytes(data);
  }
  if (typeof data === 'number') return Number.isFinite(data);
  if (typeof data !== 'object' || data === null) return typeof data !== 'function' && typeof data !== 'symbol';
  if (depth > maxDepth) return false;
  if (Array.isArray(data)) {
    for (let i = 0; i < data.length; i += 1) if (!isPlainData(data[i], i, depth + 1, isBytes)) return false;
    return true;
  }
  let count = 0;
  for (const name in data) {
    count += 1;
    const member = (data as Readonly<Record<string, unknown>>)[name];
    const wrong = count > maxKeys || isForbiddenKey(name) || !isPlainData(member, name, depth + 1, isBytes);
    // Inherited members do not travel, so they cannot be a problem.
    if (wrong && Object.hasOwn(data, name)) return false;
  }
  return true;
}
