import { nodeBuffer } from '../shared/platform.ts';

/** Size of a text in UTF-8, bytes; half a surrogate pair counts as the U+FFFD that stands for it. */
export function utf8Length(text: string): number {
  if (nodeBuffer) return nodeBuffer.byteLength(text);
  return /[^\0-\x7f]/.test(text) ? new TextEncoder().encode(text).length : text.length;
}

/** The text with U+FFFD for every half of a surrogate pair, as UTF-8 encoders write it. */
export function withoutHalves(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}
