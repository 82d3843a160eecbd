import { maxNameBytes } from './limits.ts';

/**
 * Whether a value can name a message or call on the wire: text of 1 to 128 bytes of UTF-8 without control characters
 * and without half a surrogate pair; `protocol/README.md` section 1.
 */
export function isName(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const length = value.length;
  if (length === 0 || length > maxNameBytes) return false;
  let bytes = length;
  for (let i = 0; i < length; i += 1) {
    const unit = value.charCodeAt(i);
    if (unit < 0x80) {
      if (unit < 0x20 || unit === 0x7f) return false;
    } else if (unit < 0x800) bytes += 1;
    else if ((unit & 0xf800) === 0xd800) {
      i += 1;
      // A pair is two units and four bytes.
      if (unit >= 0xdc00 || (value.charCodeAt(i) & 0xfc00) !== 0xdc00) return false;
      bytes += 2;
    } else bytes += 2;
  }
  return bytes <= maxNameBytes;
}
