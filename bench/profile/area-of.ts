import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { AreaOf } from './areas.ts';

const native = 'called natively: write, decode';
/** What V8 calls what is no JavaScript function; it takes for idle all that the event loop does between two turns. */
const special: Readonly<Record<string, string | undefined>> = {
  '(root)': undefined,
  '(idle)': undefined,
  '(program)': native,
  '(garbage collector)': 'collecting garbage',
};
const places: readonly (readonly [RegExp, string])[] = [
  [/^node:/, 'Node'],
  [/\/node_modules\/ws\//, 'ws'],
  [/\/node_modules\/zod\//, 'zod'],
  [/\/bench\//, 'application'],
];

/** Sorts functions into the kernel, Node, libraries, the layers of Hawser (told by source maps), and the application. */
export function areasOfSources(): AreaOf {
  const maps = new Map<string, SourceMap | undefined>();
  return ({ functionName, url, lineNumber, columnNumber }) => {
    if (Object.hasOwn(special, functionName)) return special[functionName];
    if (/\/packages\/\w+\/dist\//.test(url)) {
      if (!maps.has(url)) maps.set(url, sourceMapOf(fileURLToPath(url)));
      const entry = maps.get(url)?.findEntry(lineNumber, columnNumber);
      return layerOf(url, entry !== undefined && 'originalSource' in entry ? entry.originalSource : '');
    }
    // Without a file: functions of V8 and Node that are no JavaScript have no lines either; what has some, zod has compiled.
    if (url === '') return lineNumber < 0 ? native : 'zod';
    return places.find(([where]) => where.test(url))?.[1] ?? 'other libraries';
  };
}

/** The folder below `src`; what lies beside it is called after the package. */
export function layerOf(url: string, source: string): string {
  const layer = /\/src\/(\w+)\//.exec(source)?.[1] ?? /\/packages\/(\w+)\//.exec(url)?.[1] ?? '';
  return `Hawser: ${layer}`;
}

function sourceMapOf(file: string): SourceMap | undefined {
  const map = `${file}.map`;
  if (!existsSync(map)) return undefined;
  return new SourceMap(JSON.parse(readFileSync(map, 'utf8')) as ConstructorParameters<typeof SourceMap>[0]);
}
