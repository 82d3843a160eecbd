import type { Outcome } from '../measure/outcome.ts';
import { svg } from './svg.ts';

const width = 760;
const labelWidth = 150;
const barHeight = 16;
const gap = 5;
/** Bars longer than this are cut, with their number beside them: one slow library must not flatten the rest. */
const longest = 6;

/** Horizontal bars, one group per outcome, × floor; shorter is better. Readable on light and dark pages. */
export function chart(outcomes: readonly Outcome[], titles: Readonly<Record<string, string>>): string {
  const parts: string[] = [];
  let y = 8;
  for (const { row, figures } of outcomes) {
    parts.push(`<text x="0" y="${y + 14}" class="title">${titles[row] ?? row}, CPU × floor</text>`);
    y += 26;
    for (const { name, ratio } of figures.toSorted((a, b) => (a.ratio?.median ?? 0) - (b.ratio?.median ?? 0))) {
      if (ratio === undefined) continue;
      const length = (Math.min(ratio.median, longest) / longest) * (width - labelWidth - 60);
      const kind = name.startsWith('hawser') ? 'ours' : name === 'floor' || name === 'batched' ? 'floor' : 'other';
      const end = labelWidth + length;
      parts.push(
        `<text x="${labelWidth - 8}" y="${y + 12}" class="name">${name}</text>`,
        `<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2" class="${kind}"/>`,
        `<text x="${(end + 6).toFixed(1)}" y="${y + 12}">${ratio.median.toFixed(2)}${ratio.median > longest ? ' …' : ''}</text>`,
      );
      y += barHeight + gap;
    }
    y += 14;
  }
  return svg(width, y, 'CPU per operation, times the floor', parts);
}
