// npm run bench:bulk: an upload of 50 MB over a link of 5 MB/s with 20 ms each way, a small message every 50 ms beside it;
// then the same with two cuts. Fails when a figure is missed.
import { quantile, type RunFigures } from './figures.ts';
import { runBulk } from './run.ts';

const link = { size: 50_000_000, rate: 5_000_000, delay: 20 };

function report(title: string, figures: RunFigures): void {
  const { bytesPerSecond, seconds, up, down, heartbeat, intact, sentAgain, cuts, lost } = figures;
  const of = (sample: readonly number[]): string =>
    `p50 ${quantile(sample, 0.5).toFixed(0)} ms, p99 ${quantile(sample, 0.99).toFixed(0)} ms, max ${Math.max(...sample).toFixed(0)} ms`;
  console.log(
    [
      title,
      `  ${seconds.toFixed(2)} s, ${((bytesPerSecond / link.rate) * 100).toFixed(1)} % of the link`,
      `  small messages beside it: ${of(up)} (${up.length})`,
      `  small messages back:      ${of(down)}`,
      `  slowest heartbeat: ${heartbeat.toFixed(0)} ms`,
      `  cuts ${cuts}, sessions lost ${lost}, hash ${intact ? 'equal' : 'WRONG'}, bytes sent again ${sentAgain}`,
    ].join('\n'),
  );
}

const calm = await runBulk({ ...link, cutAt: [] });
report('50 MB, 5 MB/s, 20 ms each way', calm);
const rough = await runBulk({ ...link, cutAt: [15_000_000, 35_000_000] });
report('the same with two cuts', rough);

const missed = [
  calm.bytesPerSecond < 0.95 * link.rate && 'throughput below 95 % of the link',
  quantile(calm.up, 0.99) > 100 && 'p99 of the small messages over 100 ms',
  calm.heartbeat > 150 && 'a heartbeat over 150 ms',
  !(calm.intact && rough.intact) && 'bytes arrived wrong',
  (rough.cuts !== 2 || rough.lost > 0) && 'the cuts were not survived',
  rough.sentAgain >= 1_000_000 && 'more than 1 MB was sent again',
].filter((text) => text !== false);
console.log(missed.length === 0 ? 'every figure is met' : `missed: ${missed.join('; ')}`);
process.exitCode = missed.length === 0 ? 0 : 1;
