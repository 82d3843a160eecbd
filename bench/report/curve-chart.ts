import type { Curve, Line } from '../measure/curve.ts';
import { svg } from './svg.ts';

const width = 760;
const left = 60;
const right = 110;
const plotHeight = 150;
const panelHeight = plotHeight + 70;
const steps = [1, 2, 5] as const;

/** One panel per curve, both axes logarithmic: a line that goes up by itself grows with what is below it. */
export function curveChart(
  curves: readonly Curve[],
  titles: Readonly<Record<string, { readonly title: string; readonly grows: string }>>,
  names: Readonly<Record<string, string>>,
): string {
  const parts = curves.flatMap((curve, i) => panel(curve, i * panelHeight, titles, names));
  return svg(width, curves.length * panelHeight, 'cost by what grows', parts);
}

function panel(
  { id, unit, lines }: Curve,
  top: number,
  titles: Readonly<Record<string, { readonly title: string; readonly grows: string }>>,
  names: Readonly<Record<string, string>>,
): string[] {
  const { title, grows } = titles[id] ?? { title: id, grows: '' };
  const places = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].toSorted((a, b) => a - b);
  const costs = lines.flatMap(({ points }) => points.map(({ cost }) => cost.median));
  const ticks = ticksAround(Math.min(...costs), Math.max(...costs));
  const base = top + 36 + plotHeight;
  const x = position(places[0] ?? 1, places.at(-1) ?? 1, left, width - right);
  const y = position(ticks[0] ?? 1, ticks.at(-1) ?? 1, base, top + 36);
  const parts = [`<text x="0" y="${top + 18}" class="title">${title}, ${unit}, by ${grows}</text>`];
  for (const tick of ticks) {
    parts.push(
      `<path d="M${left} ${y(tick)}H${width - right}" class="grid"/>`,
      `<text x="${left - 8}" y="${(Number(y(tick)) + 4).toFixed(1)}" class="name">${tick.toLocaleString('en')}</text>`,
    );
  }
  for (const place of places) {
    parts.push(`<text x="${x(place)}" y="${base + 18}" class="place">${place.toLocaleString('en')}</text>`);
  }
  const ends = spreadOut(lines.map(({ points }) => Number(y(points.at(-1)?.cost.median ?? 1))));
  lines.forEach((line, i) => parts.push(...drawn(line, x, y, names[line.name] ?? line.name, ends[i] ?? base)));
  return parts;
}

type Position = (value: number) => string;

function drawn({ name, points }: Line, x: Position, y: Position, label: string, end: number): string[] {
  const kind = name === 'hawser' ? 'ours' : 'floor';
  const path = points.map(({ at, cost }) => `${x(at)} ${y(cost.median)}`).join('L');
  return [
    `<path d="M${path}" class="line ${kind}"/>`,
    ...points.map(({ at, cost }) => `<circle cx="${x(at)}" cy="${y(cost.median)}" r="3" class="${kind}"/>`),
    `<text x="${width - right + 14}" y="${(end + 4).toFixed(1)}" class="${kind}">${label}</text>`,
  ];
}

/** From a value to its place on a logarithmic axis. */
function position(first: number, last: number, from: number, to: number): Position {
  const span = Math.log(last / first) || 1;
  return (value) => (from + (Math.log(value / first) / span) * (to - from)).toFixed(1);
}

/** 1, 2 and 5 times powers of ten around some figures; the powers alone when those were too many. */
export function ticksAround(low: number, high: number): number[] {
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(low)); all.length === 0 || (all.at(-1) as number) < high; power += 1) {
    for (const step of steps) all.push(power < 0 ? step / 10 ** -power : step * 10 ** power);
  }
  const first = all.findLastIndex((tick) => tick <= low);
  const last = all.findIndex((tick) => tick >= high);
  const around = all.slice(Math.max(0, first), last + 1);
  return around.length <= 7 ? around : around.filter((tick) => Math.log10(tick) % 1 === 0);
}

/** Keeps labels of lines that end at the same place apart. */
function spreadOut(places: readonly number[]): number[] {
  const moved = [...places];
  const order = places.map((_, i) => i).toSorted((a, b) => (places[a] as number) - (places[b] as number));
  for (const [i, at] of order.entries()) {
    const above = order[i - 1];
    if (above !== undefined) moved[at] = Math.max(moved[at] as number, (moved[above] as number) + 14);
  }
  return moved;
}
