import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { type ChartDesign, type ChartSource, chartOptions } from './chart-options.ts';
import { onFrame } from './live.ts';
import { useEffectiveTheme } from './theme.ts';

/** A living chart: drawn by uPlot once per frame, not by React. */
export function Chart<S extends ChartSource>({
  source,
  design,
  limit = null,
  label,
}: {
  readonly source: S;
  readonly design: ChartDesign<S>;
  readonly limit?: number | null;
  /** What it shows, for those who cannot see it. */
  readonly label: string;
}): React.ReactElement {
  const element = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLParagraphElement>(null);
  const limitNow = useRef(limit);
  const theme = useEffectiveTheme();

  useEffect(() => {
    limitNow.current = limit;
  }, [limit]);

  useEffect(() => {
    const { current: box } = element;
    const { current: tipBox } = tip;
    if (!box || !tipBox) return undefined;
    const data = (): UPlot.AlignedData => [source.times(), ...design.lines.map((line) => line.values(source))];
    const context = { source, limit: () => limitNow.current };
    const plot = new UPlot(chartOptions(design, context, box, tipBox), data(), box);
    const stopFrames = onFrame(() => plot.setData(data()));
    const resize = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: box.clientHeight }));
    resize.observe(box);
    return () => {
      resize.disconnect();
      stopFrames();
      plot.destroy();
    };
    // The theme is read through the element's computed style, so a change of it means new colours.
  }, [source, design, theme]);

  return (
    <div className="chart" ref={element} role="img" aria-label={label}>
      <p className="chart-tip" ref={tip} hidden />
    </div>
  );
}
