// House rules that no linter expresses: file names, `export *`, folder barrels, and the length at which a file must be
// split. Prints one line per offence and exits 1 when there is one.
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { basename, dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const sourceLimit = 350;
const testLimit = 400;
const banned = ['util', 'utils', 'helper', 'helpers', 'type', 'types', 'common', 'manager', 'misc'];
const code = new Set(['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs']);

const isTest = (path) => /\.test(-d)?\.tsx?$/.test(path) || /(^|\/)test\//.test(path);

/**
 * @param {string} path from the repository's root, with forward slashes
 * @param {string} text
 * @returns {string[]} what is wrong with the file
 */
export function offencesOf(path, text) {
  if (!code.has(extname(path))) return [];
  const offences = [];
  const stem = basename(path).replace(/^\./, '').split('.')[0];
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) offences.push('the name is not kebab-case');
  if (banned.some((word) => stem === word)) offences.push(`a file called ${stem} says nothing about what it holds`);
  for (const folder of dirname(path).split('/')) {
    if (banned.includes(folder)) offences.push(`a folder called ${folder} says nothing about what it holds`);
  }
  if (/^packages\/[^/]+\/src\/.+\/index\.tsx?$/.test(path)) offences.push('a folder has no barrel: import the file');
  if (/^packages\/[^/]+\/(src|test)\//.test(path)) {
    const limit = isTest(path) ? testLimit : sourceLimit;
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    if (lines > limit) offences.push(`${lines} lines, and ${limit} is the limit`);
  }
  if (text.includes('export')) {
    for (const statement of ts.createSourceFile(path, text, ts.ScriptTarget.Latest).statements) {
      const isStar =
        ts.isExportDeclaration(statement) && (!statement.exportClause || ts.isNamespaceExport(statement.exportClause));
      if (isStar) offences.push('export * : name what is exported');
    }
  }
  return offences;
}

function main() {
  const root = fileURLToPath(new URL('../', import.meta.url));
  // Files that are new and not yet committed count, ignored ones do not.
  // A clone made by another user is the ordinary case in a container.
  const trust = ['-c', 'safe.directory=*'];
  const list = execFileSync('git', [...trust, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  });
  let offences = 0;
  let files = 0;
  for (const path of list.toString().split('\0').filter(Boolean)) {
    if (!code.has(extname(path))) continue;
    let text;
    try {
      text = readFileSync(root + path, 'utf8');
    } catch {
      continue; // deleted, but still in git's index
    }
    files++;
    for (const offence of offencesOf(path, text)) {
      offences++;
      console.error(`${path}: ${offence}`);
    }
  }
  console.log(`structure: ${files} files, ${offences} offences`);
  process.exit(offences ? 1 : 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
