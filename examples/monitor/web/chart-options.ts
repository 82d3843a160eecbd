import type uPlot from 'uplot';
import { clock, duration, measure } from './format.ts';
import type { Outage } from './history.ts';

/** Where a chart's data comes from, besides its lines. */
export interface ChartSource {
  /** Stretches without a link, oldest first. */
  readonly outages: readonly Outage[];
  /** What is shown: from and to, seconds. @param now - epoch milliseconds */
  shown(now: number): readonly [from: number, to: number];
  /** When the values were measured, seconds. */
  times(): Float64Array;
}

/** One line of a chart. */
export interface ChartLine<S extends ChartSource> {
  readonly label: string;
  /** Name of a custom property, or any CSS colour. */
  readonly color: string;
  readonly filled?: boolean;
  values(source: S): Float64Array;
}

/** What a chart shows, apart from the data. */
export interface ChartDesign<S extends ChartSource> {
  readonly lines: readonly ChartLine<S>[];
  readonly unit: string;
  /** Fixed top of the scale; without one it follows the data. */
  readonly top?: number;
  /** Least top of a scale that follows the data. */
  readonly leastTop?: number;
  /** Shows another time than the other charts, so its cursor moves alone. */
  readonly alone?: boolean;
}

/** Living values the drawing looks at anew each time. */
export interface ChartContext {
  readonly source: ChartSource;
  /** Where a limit is drawn; `null` for none. */
  limit(): number | null;
}

const font = '11px ui-sans-serif, system-ui, sans-serif';

/** Builds the options of a uPlot with the colours `element` has now. */
export function chartOptions<S extends ChartSource>(
  design: ChartDesign<S>,
  context: ChartContext,
  element: HTMLElement,
  tip: HTMLElement,
): uPlot.Options {
  const color = colorsOf(element);
  const axis = {
    font,
    stroke: color('--dim'),
    grid: { stroke: color('--grid'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    pxAlign: false,
    padding: [10, 6, 0, 0],
    legend: { show: false },
    cursor: {
      ...(design.alone ? {} : { sync: { key: 'monitor' } }),
      drag: { setScale: false, x: false, y: false },
      y: false,
      points: { size: 7, width: 2 },
    },
    scales: {
      x: {
        range: () => [...context.source.shown(Date.now())],
      },
      y: {
        range: (_, __, highest) => [0, design.top ?? Math.max(design.leastTop ?? 1, (highest ?? 0) * 1.15)],
      },
    },
    axes: [
      { ...axis, size: 24, space: 90, values: timeLabels },
      { ...axis, size: 46, space: 36, values: (_, ticks) => ticks.map((tick) => axisValue(tick)) },
    ],
    series: [
      {},
      ...design.lines.map(({ label, color: stroke, filled = false }) => ({
        label,
        stroke: color(stroke),
        width: 1.6,
        points: { show: false },
        ...(filled ? { fill: fade(color(stroke)) } : {}),
      })),
    ],
    hooks: {
      drawClear: [(plot) => drawOutages(plot, context.source, color('--outage'), color('--outage-edge'))],
      draw: [(plot) => drawLimit(plot, context.limit(), color('--limit'))],
      setCursor: [(plot) => showTip(plot, design, tip)],
    },
  };
}

/** Looks up custom properties as the colours they stand for now; a canvas understands neither `var` nor `light-dark`. */
function colorsOf(element: HTMLElement): (color: string) => string {
  return (color) => {
    const probe = element.appendChild(document.createElement('i'));
    probe.style.color = color.startsWith('--') ? `var(${color})` : color;
    const resolved = getComputedStyle(probe).color;
    probe.remove();
    return resolved;
  };
}

/** Leaves out the label that the edge would cut off. */
function timeLabels(plot: uPlot, ticks: readonly number[]): (string | null)[] {
  const last = plot.over.clientWidth - 22;
  return ticks.map((tick) => (plot.valToPos(tick, 'x') > last ? null : clock(tick * 1000)));
}

function axisValue(value: number): string {
  return value >= 10_000 ? `${value / 1000}k` : String(value);
}

function fade(color: string): uPlot.Series.Fill {
  return (plot) => {
    const { top, height } = plot.bbox;
    const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
    gradient.addColorStop(0, `color-mix(in srgb, ${color} 45%, transparent)`);
    gradient.addColorStop(1, `color-mix(in srgb, ${color} 2%, transparent)`);
    return gradient;
  };
}

/** Marks the time without a link: a line that runs through it was filled in afterwards. */
function drawOutages(plot: uPlot, source: ChartSource, fill: string, edge: string): void {
  const { ctx, bbox } = plot;
  for (const { from, to } of source.outages) {
    const left = Math.max(bbox.left, plot.valToPos(from, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to ?? Date.now() / 1000, 'x', true));
    if (right <= left) continue;
    ctx.save();
    ctx.fillStyle = fill;
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.fillStyle = edge;
    ctx.fillRect(left, bbox.top, right - left, 2 * devicePixelRatio);
    ctx.font = font.replace('11', String(11 * devicePixelRatio));
    const text = `no link for ${duration(((to ?? Date.now() / 1000) - from) * 1000)}`;
    const space = 6 * devicePixelRatio;
    if (ctx.measureText(text).width + 2 * space < right - left) {
      ctx.textAlign = 'left';
      ctx.textBaseline = 'bottom';
      ctx.fillText(text, left + space, bbox.top + bbox.height - space);
    }
    ctx.restore();
  }
}

function drawLimit(plot: uPlot, limit: number | null, stroke: string): void {
  const top = plot.scales.y?.max;
  if (limit === null || top === undefined || limit > top) return;
  const { ctx, bbox } = plot;
  const y = plot.valToPos(limit, 'y', true);
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = 1.25 * devicePixelRatio;
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function showTip<S extends ChartSource>(plot: uPlot, { lines, unit }: ChartDesign<S>, tip: HTMLElement): void {
  const { idx, left = -1 } = plot.cursor;
  const at = idx === null || idx === undefined || left < 0 ? undefined : plot.data[0][idx];
  tip.hidden = at === undefined;
  if (at === undefined || idx === null || idx === undefined) return;
  const values = lines.map(({ label }, index) => {
    const value = plot.data[index + 1]?.[idx];
    return `${lines.length > 1 ? `${label} ` : ''}${value === null || value === undefined ? '–' : measure(value)}`;
  });
  tip.textContent = `${clock(at * 1000)}  ${values.join(' · ')} ${unit}`;
  tip.dataset.side = left > plot.over.clientWidth / 2 ? 'left' : 'right';
}
