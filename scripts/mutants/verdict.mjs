// What a run of tests says about the fault that was planted in it.

/**
 * @typedef {{ names: string[], message: string }} Brief
 * @typedef {{ file: string, name: string, state: string, errors: Brief[] }} TestEnd
 * @typedef {{ tests: TestEnd[], crashes: Brief[] }} Report
 * @typedef {{ outcome: 'killed', by: TestEnd } | { outcome: 'survived' } | { outcome: 'broken', why: string }} Verdict
 */

const isAssertion = (/** @type {Brief} */ error) => error.names.includes('AssertionError');

/**
 * Only an assertion is a kill: a module that fails to load, or a TypeError on the way, says nothing about whether the
 * tests check the rule.
 * @param {Report | undefined} report what the reporter wrote, if it got that far
 * @param {string[]} expected sources the fault is planted in
 * @param {string[]} loaded sources in which it was in fact planted
 * @returns {Verdict}
 */
export function verdictOf(report, expected, loaded) {
  if (!report) return { outcome: 'broken', why: 'vitest wrote no report' };
  const failed = report.tests.filter((test) => test.state === 'failed');
  const missing = expected.filter((file) => !loaded.includes(file));
  const crash = report.crashes[0];
  if (missing.length > 0) {
    return { outcome: 'broken', why: crash ? crash.message : `no test loads ${missing.join(', ')}` };
  }
  const by = failed.find((test) => test.errors.some(isAssertion));
  if (by) return { outcome: 'killed', by };
  if (crash) return { outcome: 'broken', why: `crash: ${crash.message}` };
  if (failed[0]) return { outcome: 'broken', why: `not an assertion: ${failed[0].errors[0]?.message ?? 'no error'}` };
  if (report.tests.length === 0) return { outcome: 'broken', why: 'no tests ran' };
  return { outcome: 'survived' };
}
