import { HawserError, systemError, type SystemError } from '../shared/errors.ts';
import type { Frame } from './frame.ts';
import { maxDepth, maxKeys } from './limits.ts';

interface Convertible {
  readonly toJSON?: unknown;
}

/** Keys that reach an object's prototype when copied carelessly; no frame may carry them. */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

/**
 * Why the values of a frame cannot travel, `protocol/README.md` section 1; `undefined` when they can.
 *
 * A sender refuses here whatever a receiver would close the connection for, and what a codec would lose silently.
 * `toJSON` is called here and once more while encoding.
 *
 * @param bytes - whether the codec can carry a `Uint8Array`
 */
export function problemInFrame(frame: Frame, bytes: boolean): string | undefined {
  for (let i = 1; i < frame.length; i += 1) {
    const value: unknown = frame[i];
    // The packet is level 1 and the frame level 2.
    const problem = problemIn(value, 3, bytes, i);
    if (problem !== undefined) return `payload${problem}`;
  }
  return undefined;
}

/** What `toJSON` makes of a value that has one, as `JSON.stringify` would call it. */
export function converted(value: object | bigint, key: string | number): unknown {
  const convert = (value as Convertible).toJSON;
  return typeof convert === 'function' ? convert.call(value, String(key)) : value;
}

/** The error for a value that cannot be encoded. */
export function unsendable(problem: string): SystemError {
  return systemError('INVALID_INPUT', `Nothing was sent: ${problem}.`);
}

/** The error for a value whose own code failed while it was encoded. */
export function unreadable(cause: unknown): SystemError {
  if (cause instanceof HawserError && cause.code === 'INVALID_INPUT') return cause as SystemError;
  return systemError('INVALID_INPUT', 'Nothing was sent: a getter or toJSON of the payload threw; see cause.', {
    cause,
  });
}

/** Returns the problem with the path in front of it, built on the way out so that good values cost nothing. */
function problemIn(value: unknown, depth: number, bytes: boolean, key: string | number): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : ` is ${value}; send a finite number or null`;
    case 'object':
      if (value === null) return undefined;
      // A Node buffer has a toJSON, and is bytes all the same.
      if (ArrayBuffer.isView(value)) return problemOfView(value, bytes);
      return problemInConverted(value, converted(value, key), depth, bytes);
    case 'bigint':
      return problemInPlain(converted(value, key), depth, bytes);
    case 'function':
    case 'symbol':
      return ` is a ${typeof value}; send plain data`;
  }
}

function problemInConverted(value: object, plain: unknown, depth: number, bytes: boolean): string | undefined {
  // Null would arrive, and schemas that coerce make 1970 of it.
  if (plain === null && tagOf(value) === 'Date') return ' is an invalid date';
  return problemInPlain(plain, depth, bytes);
}

/** As {@link problemIn} for what needs no conversion any more: `toJSON` is called once, not on its own result. */
function problemInPlain(value: unknown, depth: number, bytes: boolean): string | undefined {
  if (typeof value === 'bigint') return ' is a bigint; send a string or a number';
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value))
    return problemIn(value, depth, bytes, '');
  // The limit also ends the walk of a cycle.
  if (depth > maxDepth) return ` is a cycle, or nested deeper than ${maxDepth - 2} levels`;
  return Array.isArray(value) ? problemInArray(value, depth, bytes) : problemInMap(value, depth, bytes);
}

function problemInArray(items: readonly unknown[], depth: number, bytes: boolean): string | undefined {
  for (let i = 0; i < items.length; i += 1) {
    const problem = problemIn(items[i], depth + 1, bytes, i);
    if (problem !== undefined) return `[${i}]${problem}`;
  }
  return undefined;
}

function problemInMap(value: object, depth: number, bytes: boolean): string | undefined {
  let count = 0;
  for (const member in value) {
    const problem = isForbiddenKey(member)
      ? `.${member} is a forbidden key; rename it`
      : problemInMember(value, member, depth, bytes);
    // Inherited members do not travel, so they cannot be a problem.
    if (problem !== undefined && Object.hasOwn(value, member)) return problem;
    count += 1;
  }
  if (count > maxKeys && Object.keys(value).length > maxKeys) return ` has more than ${maxKeys} keys; send it in parts`;
  return isPlain(value) ? undefined : problemOfClass(value);
}

function problemInMember(value: object, member: string, depth: number, bytes: boolean): string | undefined {
  const problem = problemIn((value as Readonly<Record<string, unknown>>)[member], depth + 1, bytes, member);
  return problem === undefined ? undefined : `.${member}${problem}`;
}

function problemOfView(value: ArrayBufferView, bytes: boolean): string | undefined {
  if (!bytes) return ` is a ${nameOf(value)}; bytes need the MessagePack codec`;
  return tagOf(value) === 'Uint8Array' ? undefined : ` is a ${nameOf(value)}; of binary types only Uint8Array travels`;
}

/** A `Map`, a `Set` or a promise would travel as an empty map, a boxed primitive differently in each codec. */
function problemOfClass(value: object): string | undefined {
  const tag = tagOf(value);
  const boxed = tag === 'String' || tag === 'Number' || tag === 'Boolean' || tag === 'BigInt';
  if (!boxed && Object.keys(value).length > 0) return undefined;
  return ` is a ${nameOf(value)}; send plain data`;
}

/** Also true for plain objects of other realms, such as an iframe. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** The built-in class of a value, whatever realm it comes from. */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

function nameOf(value: object): string {
  const name: unknown = (value as { readonly constructor?: { readonly name?: unknown } }).constructor?.name;
  return typeof name === 'string' && name !== '' ? name : 'class instance';
}
