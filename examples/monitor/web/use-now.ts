import { useEffect, useState } from 'react';

/** The time of this moment, epoch milliseconds, kept fresh. @param every - milliseconds; `null` stands still */
export function useNow(every: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (every === null) return undefined;
    const look = (): void => setNow(Date.now());
    // It stood still until now.
    look();
    const timer = setInterval(look, every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
