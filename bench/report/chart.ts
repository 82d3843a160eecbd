import type { Outcome } from '../measure/outcome.ts';

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
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" role="img" aria-label="CPU per operation, times the floor">
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a; }
.title { font-weight: 600; font-size: 13px; }
.name { text-anchor: end; }
.ours { fill: #0f766e; } .floor { fill: #8c959f; } .other { fill: #c2a878; }
@media (prefers-color-scheme: dark) { text { fill: #b1bac4; } .ours { fill: #2dd4bf; } .other { fill: #8f7a52; } }
</style>
${parts.join('\n')}
</svg>
`;
}
