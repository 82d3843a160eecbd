// Faults in what many connections of a process share: the timer wheel, and the bounds of a pool.
const pool = 'packages/core/src/pool';
const wheel = ['packages/core/src/shared/timer-wheel.test.ts'];
const budgets = ['packages/core/test/client/pool-budgets.test.ts'];

/** @type {ReadonlyArray<import('../plugin.mjs').Mutant>} */
export const pooling = [
  {
    name: 'far-timers-ring-early',
    rule: 'timers of a process',
    why: 'a heartbeat is judged before its time, and a sound link is given up',
    tests: wheel,
    file: 'packages/core/src/shared/timer-wheel.ts',
    find: 'if (entry.at <= at) this.#due.push(entry);\n        else this.#place(entry);',
    replace: 'this.#due.push(entry);',
  },
  {
    name: 'cleared-timers-ring',
    rule: 'timers of a process',
    why: 'a connection that answered in time is closed as silent',
    tests: wheel,
    file: 'packages/core/src/shared/timer-wheel.ts',
    find: '      if (entry.cleared) continue;\n',
    replace: '',
  },
  {
    name: 'pool-memory-of-one-client',
    rule: 'bounds of a pool',
    why: 'ten thousand clients without a link fill the memory of the process',
    tests: budgets,
    file: `${pool}/pooled-client.ts`,
    find: 'return ties.tight ? kept + left : limit;',
    replace: 'return limit;',
  },
  {
    name: 'pool-dials-not-given-back',
    rule: 'bounds of a pool',
    why: 'after as many failed dials as may run at once no client of the pool connects again',
    tests: budgets,
    file: `${pool}/dial-gate.ts`,
    find: '    this.#dialing.delete(one);\n',
    replace: '',
  },
  {
    name: 'pool-sends-pass-the-line',
    rule: 'bounds of a pool',
    why: 'one busy client takes the rate of all, and the others wait for ever',
    tests: [...budgets, `${pool}/fair-rate.test.ts`],
    file: `${pool}/fair-rate.ts`,
    find: 'return this.#waiting.size === 0 && this.#bucket.take(now);',
    replace: 'return this.#bucket.take(now);',
  },
  {
    name: 'pool-waiting-takes-dial-time',
    rule: 'bounds of a pool',
    why: 'of ten thousand bots those at the end of the line never get to dial: their time is over before',
    tests: budgets,
    file: `${pool}/pooled-client.ts`,
    find: 'return ties.late ? connectTimeout : Infinity;',
    replace: 'return connectTimeout;',
  },
];
