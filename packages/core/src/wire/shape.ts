import { isMap, type Test } from './field.ts';

/** The fields a map must have; it may have others, for later versions. */
export interface Shape {
  readonly [field: string]: Test | Shape;
}

/** Makes the test for a field that may be absent. */
export function optional(shape: Test | Shape): Test {
  return (value) => value === undefined || fits(value, shape);
}

/** Whether a value passes the test, or is a map whose fields do. */
export function fits(value: unknown, shape: Test | Shape): boolean {
  if (typeof shape === 'function') return shape(value);
  if (!isMap(value)) return false;
  for (const field in shape) if (!fits(value[field], shape[field] as Test | Shape)) return false;
  return true;
}

/**
 * Says which field keeps a value from {@link fits}; for close reasons only.
 *
 * @param path - what to call the value itself
 */
export function misfit(value: unknown, shape: Test | Shape, path: string): string {
  if (typeof shape !== 'function' && isMap(value)) {
    for (const [field, inner] of Object.entries(shape)) {
      if (!fits(value[field], inner)) return misfit(value[field], inner, `${path}.${field}`);
    }
  }
  return `${path} is missing or wrong`;
}
