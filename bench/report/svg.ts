/** One picture, readable on light and dark pages. */
export function svg(width: number, height: number, label: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a; }
.title { font-weight: 600; font-size: 13px; }
.name { text-anchor: end; } .place { text-anchor: middle; }
.ours { fill: #0f766e; } .floor { fill: #8c959f; } .other { fill: #c2a878; }
.line.ours, .line.floor { fill: none; stroke-width: 2; } .line.ours { stroke: #0f766e; } .line.floor { stroke: #8c959f; }
.grid { stroke: #8c959f; stroke-opacity: 0.25; }
@media (prefers-color-scheme: dark) {
text { fill: #b1bac4; } .ours { fill: #2dd4bf; } .line.ours { stroke: #2dd4bf; } .line.ours, .line.floor { fill: none; } .other { fill: #8f7a52; }
}
</style>
${parts.join('\n')}
</svg>
`;
}
