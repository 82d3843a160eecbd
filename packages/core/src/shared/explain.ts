/**
 * Whether errors carry their explanation.
 *
 * Always true in development and in Node. The build for production browsers replaces this module by one that says false,
 * which leaves code, data and cause, and takes the prose out of the bundle; `docs/errors.md` has it all.
 */
export const explain: boolean = true;
