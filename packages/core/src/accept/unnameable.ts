/**
 * Why parameters, as their schema made them, cannot name a topic: JSON has no text for them, or the same for different
 * ones, and whoever may read one topic would read another.
 */
export function unnameable(params: unknown): string | undefined {
  try {
    JSON.stringify(params, distinct);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function distinct(_key: string, value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
    case 'function':
    case 'symbol':
      throw new TypeError(`the schema makes a ${typeof value} of it, which cannot name a topic`);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`the schema makes ${value} of it, which cannot name a topic`);
      break;
    case 'object':
      if (value !== null && isOpaque(value))
        throw new TypeError(`the schema makes a ${value.constructor.name} of it, which cannot name a topic`);
      break;
    default:
  }
  return value;
}

/** A set, a map, a class without fields: JSON shows none of what is in it. */
function isOpaque(value: object): boolean {
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto === null || proto === Object.prototype || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  return Object.keys(value).length === 0;
}
