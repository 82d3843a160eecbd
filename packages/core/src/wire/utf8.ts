/**
 * Size of a text in UTF-8, bytes.
 *
 * @param text - free of half surrogate pairs, as what a codec has encoded is; they would count two bytes instead of three
 */
export function utf8Length(text: string): number {
  let bytes = text.length;
  // Most text is ASCII, and a regular expression knows that sooner than a loop.
  if (/[^\0-\x7f]/.test(text)) {
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      // A pair is two units and four bytes.
      if (unit > 0x7f) bytes += unit > 0x7ff && (unit & 0xf800) !== 0xd800 ? 2 : 1;
    }
  }
  return bytes;
}

/** The text with U+FFFD for every half of a surrogate pair, as UTF-8 encoders write it. */
export function withoutHalves(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}
