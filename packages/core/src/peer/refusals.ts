import { explain } from '../shared/explain.ts';
import { Kind, type ErrorFrame, type OpenFrame, type RequestFrame } from '../wire/frame.ts';
import type { RefusalCode } from './refusal.ts';

/** System codes a handler may raise on purpose; any other stays inside, told as `INTERNAL`. */
export const deliberate: readonly RefusalCode[] = [
  'RATE_LIMITED',
  'UNAVAILABLE',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
];

/** What another end may refuse a call with, besides the contract's own codes. The first three come before any handler. */
export const refusals: readonly string[] = [
  'UNIMPLEMENTED',
  'INVALID_INPUT',
  ...deliberate,
  'TIMEOUT',
  'CANCELLED',
  'TOO_LARGE',
  'INVALID_OUTPUT',
  'INTERNAL',
];

/** Tells the other end that nobody answers. */
export function notHandled([, id, name]: RequestFrame | OpenFrame): ErrorFrame {
  return [Kind.error, id, 'UNIMPLEMENTED', explain ? `Nobody handles "${name}" at the other end.` : ''];
}
