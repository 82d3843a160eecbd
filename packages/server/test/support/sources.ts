// Preloaded (`node --import`) into child processes: package names lead to sources, as they do for the tests themselves,
// so that no build is needed. The map is the one the type checker uses.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const root = new URL('../../../../', import.meta.url);
const { paths } = JSON.parse(readFileSync(new URL('tsconfig.base.json', root), 'utf8')).compilerOptions as {
  paths: Record<string, [string]>;
};

registerHooks({
  resolve(specifier, context, next) {
    const source = paths[specifier];
    return source === undefined ? next(specifier, context) : next(new URL(source[0], root).href, context);
  },
});
