const notAscii = /[^\u0000-\u007f]/;
const loneSurrogate = /\p{Surrogate}/u;

/** Size of a text in UTF-8, bytes; half a surrogate pair counts as the replacement character that is sent for it. */
export function utf8Length(text: string): number {
  const length = text.length;
  if (!notAscii.test(text)) return length;
  let bytes = 0;
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isPair(unit, text, i)) {
      bytes += 4;
      i += 1;
    } else bytes += 3;
  }
  return bytes;
}

/** The longest beginning of a text that fits into so many bytes of UTF-8; never ends inside a character. */
export function utf8Prefix(text: string, limit: number): string {
  // No unit takes more than three bytes.
  if (text.length * 3 <= limit) return text;
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    const pair = isPair(unit, text, i);
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : pair ? 4 : 3;
    if (bytes > limit) return text.slice(0, i);
    if (pair) i += 1;
  }
  return text;
}

/** Whether a text is free of half surrogate pairs, which UTF-8 cannot express. */
export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text);
}

function isPair(unit: number, text: string, at: number): boolean {
  return (unit & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}
