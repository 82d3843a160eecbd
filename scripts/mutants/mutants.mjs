// Planted faults: each breaks one rule of the protocol, and the named tests must notice.
//
// {
//   name: 'ack-counts-duplicates',                    what `HAWSER_MUTANT` takes
//   rule: '6 sequence',                               the rule of protocol/README.md, section 3, that it breaks; topics: section 11
//   why: 'the peer would drop frames it still needs',  what a user would see
//   tests: ['packages/core/src/session'],              file filters, as vitest takes them
//   file: 'packages/core/src/session/session.ts',      from the repository's root
//   find: 'if (seq <= this.#received) return;',        must occur exactly once
//   replace: 'if (seq < this.#received) return;',
// }
//
// A fault in several places has `edits: [{ file, find, replace }, ...]` in place of file, find and replace.
// `project` (default 'node') names the vitest project that runs the tests.
//
// Some rules cover for each other: without the fence the numbers still catch what comes twice, and the other way round. Such
// a rule is switched off together with the one that covers for it; a plus in the name says so.
import { accounting } from './list/accounting.mjs';
import { answering } from './list/answering.mjs';
import { chunking } from './list/bulk.mjs';
import { delivering } from './list/delivering.mjs';
import { pooling } from './list/pooling.mjs';
import { pacing } from './list/pacing.mjs';
import { resuming } from './list/resuming.mjs';
import { streaming } from './list/streaming.mjs';
import { topics } from './list/topics.mjs';

/** @type {ReadonlyArray<import('./plugin.mjs').Mutant>} */
export const mutants = [
  ...delivering,
  ...resuming,
  ...accounting,
  ...streaming,
  ...answering,
  ...topics,
  ...chunking,
  ...pooling,
  ...pacing,
];
