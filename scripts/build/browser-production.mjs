// What sets the build for production browsers apart: error prose is left out, internal property names are short.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { transform } from 'esbuild';

/** Answers the one module that says whether errors carry their prose. */
export function withoutProse() {
  return {
    name: 'without-prose',
    load: (id) => (/[\\/]shared[\\/]explain\.ts$/.test(id) ? 'export const explain = false;' : null),
  };
}

/**
 * Gives short names to properties nobody outside sees.
 *
 * A name is kept when it occurs in a file of `surface`, in what TypeScript knows of browsers and JavaScript, or in quotes
 * anywhere in the chunk (it may be a key that is computed, or go over the wire). One cache serves all chunks of a build.
 *
 * @param {readonly string[]} surface files whose every word is public
 */
export function withShortNames(surface) {
  const reserved = new Set(platformWords());
  let cache = {};
  return {
    name: 'with-short-names',
    buildStart() {
      for (const file of surface) for (const word of words(readFileSync(file, 'utf8'))) reserved.add(word);
    },
    async renderChunk(code) {
      const quoted = [...code.matchAll(/(["'`])((?:\\.|(?!\1)[^\\])*)\1/g)].flatMap(([, , text]) => words(text));
      const keep = new Set([...reserved, ...quoted]);
      for (const word of keep) cache[word] = false;
      const result = await transform(code, {
        format: 'esm',
        target: 'es2022',
        mangleProps: /^[a-z][A-Za-z]{3,}$/,
        mangleCache: cache,
      });
      cache = result.mangleCache;
      return { code: result.code, map: null };
    },
  };
}

function words(text) {
  return text.match(/[A-Za-z_$][\w$]*/g) ?? [];
}

function platformWords() {
  const folder = createRequire(import.meta.url).resolve('typescript').replace(/typescript\.js$/, '');
  return ['lib.dom.d.ts', 'lib.es5.d.ts', 'lib.es2015.core.d.ts', 'lib.es2015.collection.d.ts', 'lib.es2015.promise.d.ts',
    'lib.es2015.symbol.wellknown.d.ts', 'lib.es2016.array.include.d.ts', 'lib.es2017.object.d.ts', 'lib.es2017.string.d.ts',
    'lib.es2018.promise.d.ts', 'lib.es2019.array.d.ts', 'lib.es2019.object.d.ts', 'lib.es2020.promise.d.ts',
    'lib.es2021.string.d.ts', 'lib.es2022.array.d.ts', 'lib.es2022.error.d.ts', 'lib.es2022.object.d.ts',
    'lib.es2024.string.d.ts', 'lib.esnext.disposable.d.ts'].flatMap((file) => words(readFileSync(folder + file, 'utf8')));
}
