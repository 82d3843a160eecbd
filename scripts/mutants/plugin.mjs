// Applies one planted fault to the sources while vitest loads them; no file on disk changes.
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutants.mjs';

/** @typedef {{ file: string, find: string, replace: string }} Edit */
/** @typedef {{ name: string, rule: string, why: string, tests: string[], project?: string, edits?: Edit[] } & Partial<Edit>} Mutant */

const root = fileURLToPath(new URL('../../', import.meta.url)).replaceAll('\\', '/');

/** @param {Mutant} mutant @returns {Edit[]} */
export function editsOf(mutant) {
  const edits = mutant.edits ?? [{ file: mutant.file ?? '', find: mutant.find ?? '', replace: mutant.replace ?? '' }];
  for (const edit of edits) {
    if (!edit.file || !edit.find) throw new Error(`mutant ${mutant.name}: an edit needs file and find`);
    if (edit.find === edit.replace) throw new Error(`mutant ${mutant.name}: the edit changes nothing`);
  }
  return edits;
}

/** @param {string} code @param {Edit} edit @param {string} name */
export function applyEdit(code, edit, name) {
  const count = code.split(edit.find).length - 1;
  if (count !== 1)
    throw new Error(`mutant ${name}: find occurs ${count} times in ${edit.file}, not once: ${edit.find}`);
  // A function, because a replacement string would interpret `$&` and its like.
  return code.replace(edit.find, () => edit.replace);
}

/**
 * @param {Mutant} mutant
 * @param {string} [log] a file that receives the path of each mutated source, so that a fault nobody loads is noticed
 */
export function mutantPlugin(mutant, log) {
  const edits = editsOf(mutant);
  return {
    name: 'hawser-mutant',
    enforce: /** @type {const} */ ('pre'),
    /** @param {string} code @param {string} id */
    transform(code, id) {
      const path = id.replace(/[?#].*$/s, '').replaceAll('\\', '/');
      const mine = edits.filter((edit) => path === root + edit.file);
      if (mine.length === 0) return null;
      const mutated = mine.reduce((text, edit) => applyEdit(text, edit, mutant.name), code);
      if (log) appendFileSync(log, `${path.slice(root.length)}\n`);
      return { code: mutated, map: null };
    },
  };
}

/** The plugin that `HAWSER_MUTANT` asks for, as a list for vite's `plugins`. */
export function mutantPlugins(env = process.env) {
  const name = env.HAWSER_MUTANT;
  if (!name) return [];
  const mutant = mutants.find((candidate) => candidate.name === name);
  if (!mutant) throw new Error(`HAWSER_MUTANT: no mutant is called ${name}`);
  return [mutantPlugin(mutant, env.HAWSER_MUTANT_LOG)];
}
