import { isCount, isId, type Test } from './field.ts';
import { maxCaps, minSizeLimit } from './limits.ts';
import { isName } from './name.ts';
import type { Shape } from './shape.ts';

const isSize: Test = (value) => isCount(value) && value >= minSizeLimit;

/** Whether a value is the list of capabilities of a hello or welcome. */
export const isCaps: Test = (value) => Array.isArray(value) && value.length <= maxCaps && value.every(isName);

/** What one end accepts, `lim` in hello and welcome. */
export const limits: Shape = { frame: isSize, msg: isSize, inflight: isId };
