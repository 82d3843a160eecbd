/**
 * Whether frames of this kind use a sequence number and are replayed; `protocol/README.md` section 1.
 *
 * @param kind - 0 to 127
 */
export function isSequenced(kind: number): boolean {
  // 0-31 and 64-95.
  return (kind & 32) === 0;
}

/**
 * Whether a receiver that does not know the kind skips the frame instead of closing.
 *
 * @param kind - 0 to 127
 */
export function isIgnorable(kind: number): boolean {
  return kind >= 64 && kind <= 127;
}
