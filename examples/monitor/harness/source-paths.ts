import { existsSync, readFileSync } from 'node:fs';

const repository = new URL('../../../', import.meta.url);
const config = new URL('tsconfig.base.json', repository);

/**
 * Package name to source file, for running against this repository's sources without building them first.
 *
 * Empty when this folder was copied out of the repository: then the names mean the installed packages.
 */
export const sourcePaths: ReadonlyMap<string, URL> = existsSync(config) ? readPaths() : new Map();

function readPaths(): ReadonlyMap<string, URL> {
  const { compilerOptions } = JSON.parse(readFileSync(config, 'utf8')) as {
    compilerOptions: { paths: Record<string, readonly [string]> };
  };
  return new Map(Object.entries(compilerOptions.paths).map(([name, [file]]) => [name, new URL(file, repository)]));
}
