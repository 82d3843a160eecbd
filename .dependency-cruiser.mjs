// The layers of docs/architecture.md, as rules. A folder imports from folders with a lower number and from itself.

/** Folders of packages/core/src, and the level of each. */
const levels = {
  shared: 0,
  wire: 1,
  protocols: 1,
  session: 2,
  connection: 2,
  messaging: 3,
  endpoint: 4,
  peer: 5,
  driver: 6,
  client: 7,
  accept: 7,
  pool: 8,
};

/** Neighbours that may look at each other in one direction: a foreign dialect implements the seam that wire defines. */
const alsoAllowed = { protocols: ['wire'] };

/** Pairs whose levels differ and that still never meet: client and accept join them. */
const neverMeet = { driver: ['peer'] };

const core = '^packages/core/src';
const tests = '[.]test(-d)?[.]tsx?$';
const folders = Object.keys(levels);

const layers = folders.map((folder) => {
  const allowed = folders.filter(
    (other) =>
      other === folder ||
      (levels[other] < levels[folder] && !neverMeet[folder]?.includes(other)) ||
      alsoAllowed[folder]?.includes(other),
  );
  return {
    name: `layer-${folder}`,
    comment: `${folder}/ (L${levels[folder]}) may import from ${allowed.join(', ')} only.`,
    severity: 'error',
    from: { path: `${core}/${folder}/`, pathNot: tests },
    to: { path: `${core}/`, pathNot: `${core}/(${allowed.join('|')})/` },
  };
});

const publicEntries = '^packages/[^/]+/src/(index|[a-z]+[.]entry)[.]tsx?$';

export default {
  forbidden: [
    ...layers,
    {
      name: 'known-folder',
      comment: 'Every folder of core has a level; give a new one its level here.',
      severity: 'error',
      from: {},
      to: { path: `${core}/[^/]+/`, pathNot: `${core}/(${[...folders, 'testing'].join('|')})/` },
    },
    {
      name: 'no-known-folder-imports',
      comment: 'Every folder of core has a level; give a new one its level here.',
      severity: 'error',
      from: { path: `${core}/[^/]+/`, pathNot: `${core}/(${[...folders, 'testing'].join('|')})/` },
      to: {},
    },
    {
      name: 'entries-are-outermost',
      comment: 'index.ts and *.entry.ts are for users of the package; inside it, import the file.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/', pathNot: tests },
      to: { path: '^packages/$1/src/(index|[a-z]+[.]entry)[.]tsx?$' },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'packages-by-public-entry',
      comment: 'One package sees another through its public entries only.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: ['^packages/$1/', publicEntries] },
    },
    {
      name: 'packages-by-name',
      comment: 'One package imports another by its name, not by a path.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'], dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'examples-by-public-entry',
      comment: 'An example shows what a user can do.',
      severity: 'error',
      from: { path: '^(examples|bench)/' },
      to: { path: '^packages/', pathNot: publicEntries },
    },
    {
      name: 'examples-by-name',
      comment: 'An example imports the packages by name.',
      severity: 'error',
      from: { path: '^(examples|bench)/' },
      to: { path: '^packages/', dependencyTypes: ['local'], dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'packages-stand-alone',
      comment: 'A package never needs an example, a benchmark or a script.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(examples|bench|scripts)/' },
    },
    {
      name: 'core-below-all',
      comment: 'core knows none of the other packages; rx and react know core alone.',
      severity: 'error',
      from: { path: '^packages/(core|rx|react)/src/', pathNot: tests },
      to: { path: '^packages/(server|rx|react)/', pathNot: '^packages/$1/' },
    },
    {
      name: 'sources-without-tests',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: { path: [tests, '^packages/[^/]+/test/'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared',
      comment: 'What a package imports stands in its package.json.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'aliased'],
      },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist'] },
    exclude: { path: ['(^|/)dist/', '(^|/)coverage/'] },
    // Imports of types alone count: the layers are about what a file has to know.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
