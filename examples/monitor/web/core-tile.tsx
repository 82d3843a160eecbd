import { memo } from 'react';
import { useCore } from './use-core.ts';

/** Points across and down in the drawing of a tile. */
const drawing = { width: 60, height: 16 };

/** One core, fed by a topic of its own; switched off it does not subscribe. */
export const CoreTile = memo(function CoreTile({
  core,
  color,
  on,
  onToggle,
}: {
  readonly core: number;
  readonly color: string;
  readonly on: boolean;
  readonly onToggle: () => void;
}): React.ReactElement {
  const { snapshot, trail } = useCore(core, on);
  // For a second after the last subscriber left the topic is still live: that grace is not this tile's business.
  const status = on ? snapshot.status : 'off';
  const share = on ? snapshot.data?.share : undefined;
  return (
    <li data-status={status} style={{ '--color': color } as React.CSSProperties}>
      <button
        type="button"
        aria-pressed={on}
        aria-label={`Core ${core}`}
        title={on ? 'Switch off: nothing of this core is sent any more' : 'Switch on: subscribe to its topic again'}
        onClick={onToggle}
      >
        <span className="core-name">{core}</span>
        <svg
          viewBox={`0 -1 ${drawing.width} ${drawing.height + 2}`}
          preserveAspectRatio="none"
          className="core-trail"
          aria-hidden="true"
        >
          <polyline points={on ? points(trail) : ''} />
        </svg>
        <span className="core-share">{share === undefined ? '–' : share.toFixed(0)}</span>
        <span className="core-status" data-testid={`core-status-${core}`}>
          {status}
        </span>
      </button>
    </li>
  );
});

function points(trail: readonly number[]): string {
  const start = drawing.width - trail.length;
  return trail.map((share, at) => `${start + at + 1},${(drawing.height * (1 - share / 100)).toFixed(1)}`).join(' ');
}
