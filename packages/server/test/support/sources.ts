// Preloaded (`node --import`) into child processes: package names lead to sources, as they do for the tests themselves,
// so that no build is needed. The map is the one the type checker uses. A planted fault (`HAWSER_MUTANT`) is planted here
// too, or it would not reach the processes it is meant for.
import { appendFileSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

interface Mutants {
  readonly mutants: readonly { readonly name: string }[];
}
interface Edit {
  readonly file: string;
}
interface Plugin {
  editsOf(mutant: object): readonly Edit[];
  applyEdit(code: string, edit: Edit, name: string): string;
}

const root = new URL('../../../../', import.meta.url);
const { paths } = JSON.parse(readFileSync(new URL('tsconfig.base.json', root), 'utf8')).compilerOptions as {
  paths: Record<string, [string]>;
};

const name = process.env['HAWSER_MUTANT'] ?? '';
let edit = (_url: string, code: string): string => code;
if (name !== '') {
  const { mutants } = (await import(new URL('scripts/mutants/mutants.mjs', root).href)) as Mutants;
  const { editsOf, applyEdit } = (await import(new URL('scripts/mutants/plugin.mjs', root).href)) as Plugin;
  const mutant = mutants.find((candidate) => candidate.name === name);
  if (mutant === undefined) throw new Error(`HAWSER_MUTANT: no mutant is called ${name}`);
  edit = (url, code) => {
    const mine = editsOf(mutant).filter(({ file }) => new URL(file, root).href === url);
    const log = process.env['HAWSER_MUTANT_LOG'];
    if (log !== undefined) for (const { file } of mine) appendFileSync(log, `${file}\n`);
    return mine.reduce((text, each) => applyEdit(text, each, name), code);
  };
}

registerHooks({
  resolve(specifier, context, next) {
    const source = paths[specifier];
    return source === undefined ? next(specifier, context) : next(new URL(source[0], root).href, context);
  },
  load(url, context, next) {
    const loaded = next(url, context);
    if (name === '' || loaded.source === undefined || loaded.source === null) return loaded;
    const code = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: edit(url, code) };
  },
});
