/** A bar that fills. */
export function Progress({
  label,
  done,
  total,
  state,
}: {
  readonly label: string;
  readonly done: number;
  /** 0 while nobody knows. */
  readonly total: number;
  /** `waiting`: the link is down, and nothing is lost. */
  readonly state: string;
}): React.ReactElement {
  const share = total > 0 ? Math.min(100, (done / total) * 100) : 0;
  return (
    <div
      className="progress"
      data-state={state}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(share)}
    >
      <span style={{ width: `${share}%` }} />
    </div>
  );
}
