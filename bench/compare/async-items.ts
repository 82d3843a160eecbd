import type { Items } from './adapter.ts';
import type { Reading } from './reading.ts';

/** For libraries that take nothing but async generators. */
export function asyncItems(items: Items): AsyncGenerator<Reading, void, void> {
  return Symbol.asyncIterator in items ? items : wrapped(items);
}

async function* wrapped(items: Iterable<Reading>): AsyncGenerator<Reading, void, void> {
  yield* items;
}
