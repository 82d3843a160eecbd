// npm run smoke: packs the built packages, installs the tarballs in an empty folder and uses them there, as ESM and as
// CommonJS, on this Node and on Node 20, and compiles a small program against their declarations.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const packages = ['core', 'server', 'rx', 'react'];
const beside = ['zod', 'rxjs', 'react', 'msgpackr', '@types/node', '@types/react'];
/** Long enough for a busy machine; a process that has not left by then is held by something. */
const patience = 30_000;

const work = mkdtempSync(join(tmpdir(), 'hawser-smoke-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const failures = [];
const app = join(work, 'app');
install();
loadAndTalk();
compile();
for (const failure of failures) console.error(failure);
console.log(failures.length ? `smoke: ${failures.length} failed` : 'smoke: all passed');
process.exit(failures.length ? 1 : 0);

function install() {
  const tarballs = join(work, 'tarballs');
  mkdirSync(tarballs);
  npm(
    ['pack', '--json', '--pack-destination', tarballs, ...packages.flatMap((name) => ['-w', `@hawser/${name}`])],
    root,
  );
  cpSync(fileURLToPath(new URL('app/', import.meta.url)), app, { recursive: true });
  const dependencies = {};
  for (const name of packages) {
    const { version } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
    dependencies[`@hawser/${name}`] = `file:../tarballs/hawser-${name}-${version}.tgz`;
  }
  for (const name of beside) dependencies[name] = devDependencies[name];
  const manifest = { name: 'smoke', private: true, type: 'module', dependencies };
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest, null, 2));
  npm(['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], app);
}

function npm(args, cwd) {
  const cli = process.env.npm_execpath;
  const [command, first] = cli ? [process.execPath, [cli]] : ['npm', []];
  try {
    execFileSync(command, [...first, ...args], { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    console.error(error.stdout, error.stderr);
    throw new Error(`npm ${args[0]} failed`, { cause: error });
  }
}

function loadAndTalk() {
  const nodes = new Map();
  // Inside an npm script, npm's own Node is the machine's, and process.execPath the one in node_modules.
  for (const path of [process.execPath, process.env.npm_node_execpath, process.env.HAWSER_NODE20]) {
    if (path) nodes.set(execFileSync(path, ['-v'], { encoding: 'utf8' }).trim(), path);
  }
  for (const [version, path] of nodes) {
    // The build for production browsers needs the platform's own WebSocket.
    const hasWebSocket = Number(version.slice(1).split('.')[0]) >= 22;
    for (const script of ['esm.mjs', 'cjs.cjs', ...(hasWebSocket ? ['browser-host.mjs'] : [])]) {
      const { status, signal, stdout, stderr } = spawnSync(path, [script], {
        cwd: app,
        encoding: 'utf8',
        timeout: patience,
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      const done = stdout.includes('scenario done');
      if (signal && done) report(`Node ${version} ${script}`, 'the process does not leave by itself');
      else if (status !== 0 || !done)
        report(`Node ${version} ${script}`, `${stdout}${stderr || `ended with ${signal ?? status}`}`);
      else report(`Node ${version} ${script}`);
    }
  }
  if (![...nodes.keys()].some((version) => version.startsWith('v20.'))) {
    console.log('Node 20: NOT TESTED, there is none here; HAWSER_NODE20=<path> names one');
  }
}

function compile() {
  const compilers = { 'TypeScript 7': 'node_modules/.bin/tsc', 'TypeScript 6': 'node_modules/typescript/bin/tsc' };
  const programs = { browser: [], node: ['node'] };
  for (const [moduleResolution, module] of [
    ['bundler', 'esnext'],
    ['nodenext', 'nodenext'],
  ]) {
    for (const [program, types] of Object.entries(programs)) {
      const config = {
        compilerOptions: {
          target: 'es2022',
          lib: ['es2022', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'],
          module,
          moduleResolution,
          types,
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
          noEmit: true,
        },
        files: [`${program}.ts`],
      };
      writeFileSync(join(app, 'tsconfig.json'), JSON.stringify(config));
      for (const [name, compiler] of Object.entries(compilers)) {
        const path = join(root, compiler);
        const { status, stdout, stderr } = spawnSync(process.execPath, [path, '-p', '.'], {
          cwd: app,
          encoding: 'utf8',
        });
        report(`${name} ${moduleResolution} ${program}.ts`, status === 0 ? undefined : stdout + stderr);
      }
    }
  }
}

function report(what, problem) {
  console.log(`${problem === undefined ? 'ok  ' : 'FAIL'} ${what}`);
  if (problem !== undefined) failures.push(`\n${what}:\n${problem.trim()}`);
}
