import { localDates, type SessionClock } from "quiver/kernels";

/** Refuses a local date with more bars than the look-back allows for. */
export function requireBarsPerDay(
  ts: Int32Array | BigInt64Array,
  clock: SessionClock,
  barsPerDay: number,
  symbol: string,
): void {
  if (ts instanceof Int32Array) return;
  const dates = new Int32Array(ts.length);
  localDates(ts, clock, dates);
  let first = 0;
  for (let i = 0; i < dates.length; i++) {
    if (dates[i] !== dates[first]) first = i;
    if (i - first < barsPerDay) continue;
    const date = new Date(dates[i]! * 86_400_000).toISOString().slice(0, 10);
    throw new RangeError(
      `Cannot compute relative-volume of ${JSON.stringify(symbol)}: it has more than ${barsPerDay} bars on ${date}, and ` +
        "the look-back allows for no more. Set bars_per_day to the largest number of bars of a symbol on one date.",
    );
  }
}
