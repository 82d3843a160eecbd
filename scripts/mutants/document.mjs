// docs/mutants.md, made of the list of mutants and of what the last complete run said.

/** @typedef {import('./plugin.mjs').Mutant} Mutant */

const cell = (/** @type {string} */ text) => text.replaceAll('|', '\\|');

/** The columns that follow from the list alone; the document must hold them for every mutant, in this order. */
export function listedCells(/** @type {Mutant} */ mutant) {
  return `| \`${cell(mutant.name)}\` | ${cell(mutant.rule)} | ${cell(mutant.why)} |`;
}

/**
 * @param {ReadonlyArray<Mutant>} mutants
 * @param {ReadonlyMap<string, string>} caughtBy names of the first tests that failed, by mutant
 */
export function documentOf(mutants, caughtBy) {
  const rows = mutants.map((mutant) => `${listedCells(mutant)} ${cell(caughtBy.get(mutant.name) ?? '')} |`);
  return `<!-- Generated from scripts/mutants/mutants.mjs; after a change: npm run mutants -- --write -->

# Mutants

Each of these ${mutants.length} faults is planted in the sources, one at a time, while the tests named in the list run; each one is caught by an
assertion. \`npm run mutants\` does it again, \`npm run mutants -- name\` for one of them. A plus joins rules that cover for each
other and are therefore switched off together. The numbers are those of [protocol section 3](../protocol/README.md#3-sessions).

| Mutant | Protocol rule | What would happen | What catches it |
|---|---|---|---|
${rows.join('\n')}
`;
}
