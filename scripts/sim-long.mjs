// npm run sim:long [disconnects]: the simulation of packages/core/test/simulation with fresh seeds, until it has seen that
// many disconnects (100,000 unless told) or HAWSER_SIM_MINUTES have passed (30). Prints every failing seed.
import { cpus } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

// Node runs the TypeScript of the simulation as it is.
const records = await import('../packages/core/test/simulation/records.ts');

/** Failing seeds to find before giving up. */
const enough = 5;

if (isMainThread) await main();
else await work();

async function main() {
  const wanted = Number(process.argv[2] ?? 100_000);
  const minutes = Number(process.env.HAWSER_SIM_MINUTES ?? 30);
  const first = Number(process.env.HAWSER_SEED ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  const threads = Math.max(1, Math.min(4, cpus().length));
  const started = Date.now();
  let totals = records.noCounts();
  let seeds = 0;
  let failing = 0;
  console.log(`seeds from ${first} on, ${threads} threads`);

  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { first: first + thread, step: threads } });
      return new Promise((resolve, reject) => {
        worker.on('error', reject);
        worker.on('exit', resolve);
        worker.on('message', ({ seed, counts, violations }) => {
          totals = records.addCounts(totals, counts);
          seeds += 1;
          if (violations.length > 0) {
            failing += 1;
            console.error(`seed ${seed}: HAWSER_SEED=${seed} npx vitest run packages/core/test/simulation`);
            for (const violation of violations.slice(0, 5)) console.error(`  ${violation}`);
          }
          const late = Date.now() - started > minutes * 60_000;
          if (totals.disconnects >= wanted || late || failing >= enough) worker.postMessage('stop');
          else worker.postMessage('go');
        });
      });
    }),
  );

  console.log(records.describeCounts(seeds, totals));
  console.log(`${failing} failing seeds, ${((Date.now() - started) / 1_000).toFixed(0)} s`);
  const short = totals.disconnects < wanted;
  if (short && failing === 0) console.error(`stopped after ${minutes} minutes, short of ${wanted} disconnects`);
  process.exit(short || failing > 0 ? 1 : 0);
}

async function work() {
  const { runSeed } = await import('../packages/core/test/simulation/run-seed.ts');
  let seed = workerData.first;
  const next = async () => {
    parentPort.postMessage(await runSeed(seed % 2 ** 31));
    seed += workerData.step;
  };
  parentPort.on('message', (word) => {
    if (word === 'go') void next();
    else parentPort.close();
  });
  await next();
}
