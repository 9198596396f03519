import { bucketEnd, sessionBuckets, type SessionClock, toInstant } from "quiver/kernels";

/** Minutes of each interval; 0 means the whole local day. */
export const MINUTES = { "5m": 5, "15m": 15, "1h": 60, "1d": 0 } as const;

const MICROS_PER_DAY = 86_400_000_000;

interface Bars {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

export interface ResampledBars extends Bars {
  readonly ts: BigInt64Array | Int32Array;
  readonly bar_count: Float64Array;
}

/**
 * Gathers one symbol's bars by session bucket: first open, highest high, lowest low, last close and summed volume, without
 * nulls. A bucket without bars gives no row, and bars outside the sessions are left out. The new bars are stamped like the
 * old ones, at their start or end; daily bars with their local date.
 */
export function resampleBars(
  bars: Bars,
  ts: BigInt64Array,
  clock: SessionClock,
  minutes: number,
): ResampledBars {
  const buckets = new Float64Array(ts.length);
  sessionBuckets(ts, clock, minutes, buckets);
  const size = countBuckets(buckets);
  const column = () => new Float64Array(size).fill(NaN);
  const out = {
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    bar_count: column(),
  };
  const stamps = minutes === 0 ? new Int32Array(size) : new BigInt64Array(size);
  let row = -1;
  let current = NaN;
  for (let i = 0; i < ts.length; i++) {
    const bucket = buckets[i]!;
    if (Number.isNaN(bucket)) continue;
    if (bucket !== current) {
      row++;
      current = bucket;
      out.bar_count[row] = 0;
      if (stamps instanceof Int32Array) stamps[row] = Math.floor(bucket / MICROS_PER_DAY);
      else stamps[row] = stampOf(bucket, Number(ts[i]!), clock, minutes);
    }
    addBar(bars, i, out, row);
  }
  return { ts: stamps, ...out };
}

function countBuckets(buckets: Float64Array): number {
  let size = 0;
  let current = NaN;
  for (const bucket of buckets) {
    if (Number.isNaN(bucket) || bucket === current) continue;
    current = bucket;
    size++;
  }
  return size;
}

function stampOf(bucket: number, instant: number, clock: SessionClock, minutes: number): bigint {
  const local = clock.stamp === "start" ? bucket : bucketEnd(bucket, clock, minutes);
  return BigInt(toInstant(local, instant, clock));
}

function addBar(bars: Bars, i: number, out: Omit<ResampledBars, "ts">, row: number): void {
  const high = bars.high[i]!;
  const low = bars.low[i]!;
  const close = bars.close[i]!;
  const volume = bars.volume[i]!;
  out.bar_count[row] = out.bar_count[row]! + 1;
  if (Number.isNaN(out.open[row]!)) out.open[row] = bars.open[i]!;
  if (!(out.high[row]! >= high) && !Number.isNaN(high)) out.high[row] = high;
  if (!(out.low[row]! <= low) && !Number.isNaN(low)) out.low[row] = low;
  if (!Number.isNaN(close)) out.close[row] = close;
  if (!Number.isNaN(volume))
    out.volume[row] = Number.isNaN(out.volume[row]!) ? volume : out.volume[row]! + volume;
}
