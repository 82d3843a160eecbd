import { maxDuration } from './limits.ts';
import { WireError } from './wire-error.ts';

/** Says whether a value may stand where it stands. */
export type Test = (value: unknown) => boolean;

/**
 * The error for a packet that breaks the protocol.
 *
 * @param reason - becomes the close reason, so it stays short; written as `explain && '…'`
 */
export function malformed(reason: string | false): WireError {
  return new WireError(4400, reason || '');
}

/** Whether a value is an integer from 0 to 2^53 - 1; minus zero is not. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && 1 / (value as number) > 0;
}

/** Whether a value is a frame's id: an integer from 1 to 2^53 - 1. */
export function isId(value: unknown): value is number {
  return isCount(value) && value > 0;
}

/** Whether a value is a number of milliseconds that a timer can hold; fractions are allowed. */
export function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= maxDuration;
}

/** Whether a value is true or false. */
export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

/** Whether a value is text of any length. */
export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Whether a value is a map, as both codecs decode one. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  // Their maps are plain objects, and none has a key `constructor`: it is forbidden.
  return (value as object | null | undefined)?.constructor === Object;
}

/** Whether a value is absent or passes the test. */
export function maybe(test: Test, value: unknown): boolean {
  return value === undefined || test(value);
}
