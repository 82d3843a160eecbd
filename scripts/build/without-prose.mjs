/** Rollup plugin for production browsers: answers the one module that says whether errors carry their prose. */
export function withoutProse() {
  return {
    name: 'without-prose',
    load: (id) => (/[\\/]shared[\\/]explain\.ts$/.test(id) ? 'export const explain = false;' : null),
  };
}
