// Tells run.mjs, as JSON in the file `HAWSER_MUTANT_REPORT`, how each test ended and with which kinds of error. vitest's
// own JSON report keeps only stacks, and drops the causes that property tests hide their assertion in.
import { writeFileSync } from 'node:fs';

/** Names down the chain of causes. */
function namesOf(error, depth = 0) {
  if (!error || typeof error !== 'object' || depth > 5) return [];
  const more = Array.isArray(error.errors) ? error.errors : [];
  return [String(error.name ?? 'Error'), ...[error.cause, ...more].flatMap((inner) => namesOf(inner, depth + 1))];
}

const brief = (error) => ({ names: namesOf(error), message: String(error?.message ?? error).split('\n')[0] });

export default class MutantReporter {
  onTestRunEnd(modules, unhandled) {
    const tests = [];
    const crashes = unhandled.map(brief);
    for (const module of modules) {
      crashes.push(...module.errors().map(brief));
      for (const suite of module.children.allSuites()) crashes.push(...suite.errors().map(brief));
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        tests.push({ file: module.relativeModuleId, name: test.fullName, state, errors: errors.map(brief) });
      }
    }
    writeFileSync(process.env.HAWSER_MUTANT_REPORT, JSON.stringify({ tests, crashes }));
  }
}
