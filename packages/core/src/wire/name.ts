import { maxNameBytes } from './limits.ts';
import { browserOnly } from '../shared/platform.ts';
import { utf8Length } from './utf8.ts';

/** One character or more, no control characters, no halves of surrogate pairs. */
const allowed = /^[^\0-\x1f\x7f\p{Cs}]+$/u;

/**
 * Whether a value can name a message or call on the wire: text of 1 to 128 bytes of UTF-8 without control characters
 * and without half a surrogate pair; `protocol/README.md` section 1.
 */
export function isName(value: unknown): value is string {
  if (typeof value !== 'string' || !((!browserOnly && isPlain(value)) || allowed.test(value))) return false;
  // No unit takes more than three bytes, so most names need no count.
  return value.length * 3 <= maxNameBytes || utf8Length(value) <= maxNameBytes;
}

/** Whether a text is printable ASCII, as nearly all names are: a fraction of what the expression costs on a server. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e) return false;
  }
  return text !== '';
}
