import { CloseCode } from './close-code.ts';
import { maxDuration } from './limits.ts';
import { WireError } from './wire-error.ts';

/** The error for a packet that breaks the protocol; the reason becomes the close reason, so it stays short. */
export function malformed(reason: string): WireError {
  return new WireError(CloseCode.protocolError, reason);
}

/** Whether a value is an integer from 0 to 2^53 - 1; minus zero is not. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/** Whether a value is a frame's id: an integer from 1 to 2^53 - 1. */
export function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** Whether a value is a number of milliseconds that a timer can hold; fractions are allowed. */
export function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= maxDuration;
}

/** Whether a value is a map, as both codecs decode one. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
