import type { Test } from './field.ts';
import type { Frame } from './frame.ts';
import { maxDepth, maxKeys } from './limits.ts';
import { converted, isForbiddenKey } from './plain-data.ts';

/**
 * Why the values of a frame cannot travel, `protocol/README.md` section 1; `undefined` when they can.
 *
 * A sender refuses here whatever a receiver would close the connection for, and what a codec would lose silently.
 * `toJSON` is called here and once more while encoding.
 *
 * @param isBytes - which views of memory the codec can carry
 */
export function problemInFrame(frame: Frame, isBytes: Test): string | undefined {
  for (let i = 1; i < frame.length; i += 1) {
    const value: unknown = frame[i];
    // The packet is level 1 and the frame level 2.
    const problem = problemIn(value, 3, isBytes, i);
    if (problem !== undefined) return `payload${problem}`;
  }
  return undefined;
}

/** Returns the problem with the path in front of it, built on the way out so that good values cost nothing. */
function problemIn(value: unknown, depth: number, isBytes: Test, key: string | number): string | undefined {
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
      if (ArrayBuffer.isView(value)) return problemOfView(value, isBytes);
      return problemInConverted(value, converted(value, key), depth, isBytes);
    case 'bigint':
      return problemInPlain(converted(value, key), depth, isBytes);
    case 'function':
    case 'symbol':
      return ` is a ${typeof value}; send plain data`;
  }
}

function problemInConverted(value: object, plain: unknown, depth: number, isBytes: Test): string | undefined {
  // Null would arrive, and schemas that coerce make 1970 of it.
  if (plain === null && tagOf(value) === 'Date') return ' is an invalid date';
  return problemInPlain(plain, depth, isBytes);
}

/** As {@link problemIn} for what needs no conversion any more: `toJSON` is called once, not on its own result. */
function problemInPlain(value: unknown, depth: number, isBytes: Test): string | undefined {
  if (typeof value === 'bigint') return ' is a bigint; send a string or a number';
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value))
    return problemIn(value, depth, isBytes, '');
  // The limit also ends the walk of a cycle.
  if (depth > maxDepth) return ` is a cycle, or nested deeper than ${maxDepth - 2} levels`;
  return Array.isArray(value) ? problemInArray(value, depth, isBytes) : problemInMap(value, depth, isBytes);
}

function problemInArray(items: readonly unknown[], depth: number, isBytes: Test): string | undefined {
  for (let i = 0; i < items.length; i += 1) {
    const problem = problemIn(items[i], depth + 1, isBytes, i);
    if (problem !== undefined) return `[${i}]${problem}`;
  }
  return undefined;
}

function problemInMap(value: object, depth: number, isBytes: Test): string | undefined {
  let count = 0;
  for (const member in value) {
    const problem = isForbiddenKey(member)
      ? `.${member} is a forbidden key; rename it`
      : problemInMember(value, member, depth, isBytes);
    // Inherited members do not travel, so they cannot be a problem.
    if (problem !== undefined && Object.hasOwn(value, member)) return problem;
    count += 1;
  }
  if (count > maxKeys && Object.keys(value).length > maxKeys) return ` has more than ${maxKeys} keys; send it in parts`;
  return isPlain(value) ? undefined : problemOfClass(value);
}

function problemInMember(value: object, member: string, depth: number, isBytes: Test): string | undefined {
  const problem = problemIn((value as Readonly<Record<string, unknown>>)[member], depth + 1, isBytes, member);
  return problem === undefined ? undefined : `.${member}${problem}`;
}

function problemOfView(value: ArrayBufferView, isBytes: Test): string | undefined {
  if (isBytes(value)) return undefined;
  return ` is a ${nameOf(value)}; of binary types only Uint8Array travels, and only with the MessagePack codec`;
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
