// Every optionalDependencies edge must exist inside the lockfile. A binary package whose platform
// builds are incomplete on the registry installs fine and then breaks `npm ci` for everybody, so
// this runs after each dependency change.
import { readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const lock = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')).packages;
const problems = [];

/** Node's own lookup: the nearest node_modules on the way up. */
function isLocked(from, name) {
  for (let base = from; ;) {
    if (lock[`${base ? `${base}/` : ''}node_modules/${name}`]) return true;
    if (!base) return false;
    const parent = base.lastIndexOf('/node_modules/');
    base = parent === -1 ? '' : base.slice(0, parent);
  }
}

for (const [path, entry] of Object.entries(lock)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (!isLocked(path, name)) problems.push(`missing ${name} for ${path || 'the root'}`);
  }
  // A recorded download address ties the lockfile to one registry; npm resolves without it.
  if (/^https?:/.test(entry.resolved ?? '')) problems.push(`${path} records a registry address`);
}

for (const problem of problems) console.error(problem);
console.log(problems.length ? `lockfile: ${problems.length} problems` : 'lockfile complete');
process.exit(problems.length ? 1 : 0);
