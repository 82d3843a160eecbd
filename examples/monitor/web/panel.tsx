import { useId } from 'react';

/** A card with a heading. */
export function Panel({
  title,
  figure,
  note,
  className = '',
  children,
}: {
  readonly title: string;
  /** The one number that matters. */
  readonly figure?: React.ReactNode;
  readonly note?: React.ReactNode;
  readonly className?: string;
  readonly children: React.ReactNode;
}): React.ReactElement {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <p className="note">{note}</p>}
        {figure !== undefined && <p className="figure">{figure}</p>}
      </header>
      {children}
    </section>
  );
}
