const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A count, with separators. */
export function count(value: number): string {
  return whole.format(value);
}

/** A measured value: one digit after the point where it says something. */
export function measure(value: number): string {
  return Math.abs(value) < 100 ? oneDigit.format(value) : whole.format(value);
}

/** Bytes in the unit that fits. */
export function bytes(value: number): string {
  if (value >= 1e9) return `${oneDigit.format(value / 1e9)} GB`;
  if (value >= 1e6) return `${oneDigit.format(value / 1e6)} MB`;
  return `${oneDigit.format(value / 1e3)} kB`;
}

/** Milliseconds in the unit that fits. */
export function duration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${measure(milliseconds)} ms` : `${oneDigit.format(milliseconds / 1_000)} s`;
}

/** Time of day. @param at - epoch milliseconds */
export function clock(at: number): string {
  return timeOfDay.format(at);
}
