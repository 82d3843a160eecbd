/** What a number may be. */
export interface NumberRule {
  readonly min: number;
  readonly max: number;
  /** What it counts, such as `milliseconds`. */
  readonly unit: string;
  /** Whether `Infinity` is allowed as well. */
  readonly endless?: boolean;
}

/**
 * Checks one number.
 *
 * @throws TypeError naming the option, what it got and what it takes
 */
export function checkNumber(name: string, value: unknown, { min, max, unit, endless = false }: NumberRule): void {
  if (endless && value === Number.POSITIVE_INFINITY) return;
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
  const range = `a whole number of ${unit} from ${min} to ${max}${endless ? ', or Infinity' : ''}`;
  throw new TypeError(`\`${name}\` is ${shown(value)}; it takes ${range}.`);
}

/**
 * Checks that a group of options is an object without names nobody reads: a misspelt limit would silently not hold.
 *
 * @param path - how the group is called in messages; empty for the options themselves
 * @throws TypeError naming the option
 */
export function checkNames(path: string, group: unknown, names: readonly string[]): void {
  if (typeof group !== 'object' || group === null) {
    throw new TypeError(`${path === '' ? 'The options are' : `\`${path}\` is`} ${shown(group)}; an object is needed.`);
  }
  for (const name of Object.keys(group)) {
    if (names.includes(name)) continue;
    const full = path === '' ? name : `${path}.${name}`;
    throw new TypeError(`There is no option \`${full}\`; there are ${names.join(', ')}.`);
  }
}

/** A value in a message: short, and never the content of an object. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
