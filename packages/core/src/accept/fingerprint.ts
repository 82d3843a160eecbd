/**
 * Text that is equal for equal decoded values, whatever the order of their keys and the codec they came through.
 *
 * @param value - built from null, booleans, numbers, text, bytes, arrays and maps, as codecs decode it
 */
export function fingerprint(value: unknown): string {
  return JSON.stringify(value, sorted) ?? '';
}

function sorted(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: value.length, sum: checksum(value) };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const keys = Object.keys(value);
  keys.sort();
  // Never the shape of an array, which would be another value.
  return { map: keys.map((key) => [key, (value as Record<string, unknown>)[key]]) };
}

/** Enough to notice a mistake of the same user, who alone is told; not meant against an attacker. FNV-1a, twice. */
function checksum(bytes: Uint8Array): string {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (const byte of bytes) {
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ low, 0x01000193);
  }
  return `${low},${high}`;
}
