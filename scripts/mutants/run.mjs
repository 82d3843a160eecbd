// npm run mutants [-- name ... | --write]: plants each fault of mutants.mjs, one at a time, and demands that its tests fail
// with an assertion. First the same tests run on the sound sources, and must pass. --write makes docs/mutants.md of it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { documentOf } from './document.mjs';
import { mutants } from './mutants.mjs';
import { editsOf } from './plugin.mjs';
import { verdictOf } from './verdict.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const reporter = fileURLToPath(new URL('reporter.mjs', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'hawser-mutants-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const write = process.argv.includes('--write');
const wanted = process.argv.slice(2).filter((argument) => argument !== '--write');
if (write && wanted.length > 0) fail('--write needs a run of all mutants');
const unknown = wanted.filter((name) => !mutants.some((mutant) => mutant.name === name));
if (unknown.length > 0) fail(`no mutant is called ${unknown.join(', ')}`);
const twice = mutants.filter((mutant, i) => mutants.findIndex((other) => other.name === mutant.name) !== i);
if (twice.length > 0) fail(`two mutants are called ${twice[0].name}`);
const chosen = wanted.length > 0 ? mutants.filter((mutant) => wanted.includes(mutant.name)) : mutants;
if (chosen.length === 0) {
  console.log('no mutants');
  process.exit(0);
}

const projectOf = (mutant) => mutant.project ?? 'node';
for (const project of new Set(chosen.map(projectOf))) {
  const tests = [...new Set(chosen.filter((m) => projectOf(m) === project).flatMap((m) => m.tests))];
  const { status, output, report } = run({ project, tests });
  if (status !== 0 || !report || report.tests.length === 0) {
    console.error(output);
    fail(`without a mutant, the tests of project ${project} do not pass`);
  }
  console.log(`unmutated, project ${project}: ${report.tests.filter((t) => t.state === 'passed').length} tests pass`);
}

const rows = [];
for (const mutant of chosen) {
  const started = Date.now();
  const { report, loaded, output } = run({ project: projectOf(mutant), tests: mutant.tests, name: mutant.name });
  const verdict = verdictOf(report, [...new Set(editsOf(mutant).map((edit) => edit.file))], loaded);
  // What stops vitest before its first test is in no report, only on the screen.
  const complaint = output.split('\n').find((text) => /^\w*Error: /.test(text));
  const row = {
    mutant: mutant.name,
    rule: mutant.rule,
    outcome: verdict.outcome,
    by:
      verdict.outcome === 'killed'
        ? `${verdict.by.file} > ${verdict.by.name}${topicOf(verdict.by)}`
        : verdict.outcome === 'survived'
          ? 'NO TEST NOTICES IT'
          : (complaint ?? verdict.why),
    seconds: ((Date.now() - started) / 1000).toFixed(1),
  };
  rows.push(row);
  if (row.outcome !== 'killed') console.error(`${row.mutant}: ${row.outcome}, ${row.by}`);
}

printTable(rows);
const killed = rows.filter((row) => row.outcome === 'killed').length;
console.log(`\n${killed} of ${rows.length} mutants killed`);
if (killed < rows.length) process.exit(1);
if (write) {
  writeFileSync(
    join(root, 'docs/mutants.md'),
    documentOf(mutants, new Map(rows.map(({ mutant, by }) => [mutant, by]))),
  );
  console.log('docs/mutants.md is written');
}
process.exit(0);

function run({ project, tests, name }) {
  const reportFile = join(work, 'report.json');
  const logFile = join(work, 'loaded.log');
  rmSync(reportFile, { force: true });
  rmSync(logFile, { force: true });
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, 'run', '--project', project, '--reporter', reporter, ...(name ? [] : ['--reporter', 'default']), ...tests],
    {
      cwd: root,
      encoding: 'utf8',
      // A fault may well make something run for ever.
      timeout: 120_000,
      killSignal: 'SIGKILL',
      env: {
        ...process.env,
        NO_COLOR: '1',
        HAWSER_MUTANT: name ?? '',
        HAWSER_MUTANT_LOG: logFile,
        HAWSER_MUTANT_REPORT: reportFile,
      },
    },
  );
  const loaded = existsSync(logFile) ? readFileSync(logFile, 'utf8').split('\n').filter(Boolean) : [];
  const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : undefined;
  return { status, report, loaded, output: stdout + stderr };
}

/** One test may check several things, and say which of them failed at the beginning of its message. */
function topicOf({ errors }) {
  const topic = /^(invariant \d+ \([^)]*\)): /.exec(errors[0]?.message ?? '')?.[1];
  return topic === undefined ? '' : `: ${topic}`;
}

function printTable(table) {
  const columns = ['mutant', 'rule', 'outcome', 'by', 'seconds'];
  const width = (column) => Math.max(column.length, ...table.map((row) => row[column].length));
  const line = (row) => columns.map((column) => row[column].padEnd(width(column))).join('  ');
  console.log(`\n${line(Object.fromEntries(columns.map((column) => [column, column])))}`);
  for (const row of table) console.log(line(row));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
