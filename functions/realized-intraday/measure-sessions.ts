import { localDates, localMicros, sessionIntervals, type SessionClock, tradingMinutes } from "quiver/kernels";
import { RealizedSums } from "./realized-sums.ts";
import { SampledReturns } from "./sampled-returns.ts";

export interface IntradayBars {
  readonly open: Float64Array;
  readonly close: Float64Array;
}

export interface BarClock extends SessionClock {
  readonly intervalSeconds: number;
}

/** The rows from a session's first bar to before `end`. They may include bars outside trading hours. */
interface Session {
  readonly first: number;
  end: number;
}

const MICROS_PER_MINUTE = 60_000_000;
const MICROS_PER_DAY = 86_400_000_000;

/** One row for each completed session of a symbol; bars outside the sessions are left out. */
export function measureSessions(
  bars: IntradayBars,
  ts: BigInt64Array,
  clock: BarClock,
  sampleMinutes: number,
) {
  const stepsASample = (sampleMinutes * 60) / clock.intervalSeconds;
  if (!Number.isInteger(stepsASample)) {
    throw new Error(
      `realized-intraday cannot take returns over ${sampleMinutes} minutes from bars of ${clock.intervalSeconds} seconds. ` +
        "Give a sample_minutes that is a multiple of the bars' length.",
    );
  }
  const fromOpen = new Float64Array(ts.length);
  tradingMinutes(ts, clock, fromOpen, new Float64Array(ts.length));
  const dates = new Int32Array(ts.length);
  localDates(ts, clock, dates);
  const sessions = findSessions(dates, fromOpen);
  if (sessions.length > 0 && !isOver(dates[sessions.at(-1)!.first]!, ts, dates, clock)) sessions.pop();

  const column = () => new Float64Array(sessions.length);
  const out = {
    ts: new Int32Array(sessions.length),
    realized_variance: column(),
    bipower_variation: column(),
    subsampled_variance: column(),
    realized_skewness: column(),
    realized_kurtosis: column(),
    return_count: column(),
  };
  const samples = new SampledReturns(stepsASample);
  sessions.forEach((session, row) => {
    const date = dates[session.first]!;
    const sums = new RealizedSums();
    samples.clear();
    measureSession(bars, session, fromOpen, sessionIntervals(date, clock), clock, sums, samples);
    out.ts[row] = date;
    out.realized_variance[row] = sums.variance();
    out.bipower_variation[row] = sums.bipower();
    out.subsampled_variance[row] = samples.variance();
    out.realized_skewness[row] = sums.skewness();
    out.realized_kurtosis[row] = sums.kurtosis();
    out.return_count[row] = sums.count;
  });
  return out;
}

/** Measures each stretch of trading of a session by itself, beginning with the open of its first bar. */
function measureSession(
  bars: IntradayBars,
  { first, end }: Session,
  fromOpen: Float64Array,
  intervals: readonly (readonly [openMinute: number, closeMinute: number])[],
  { stamp, intervalSeconds }: BarClock,
  sums: RealizedSums,
  samples: SampledReturns,
): void {
  const barMinutes = intervalSeconds / 60;
  let start = 0;
  let i = first;
  for (const [openMinute, closeMinute] of intervals) {
    const minutes = closeMinute - openMinute;
    let last = NaN;
    for (; i < end && !isAfter(fromOpen[i]!, start + minutes, stamp); i++) {
      const close = bars.close[i]!;
      if (!isPrice(close) || Number.isNaN(fromOpen[i]!)) continue;
      if (Number.isNaN(last)) {
        const open = bars.open[i]!;
        last = isPrice(open) ? open : close;
        samples.begin(last, Math.ceil(minutes / barMinutes));
        if (isPrice(open)) sums.add(open, close);
      } else {
        sums.add(last, close);
      }
      last = close;
      const bar = (fromOpen[i]! - start) / barMinutes;
      samples.put(close, stamp === "start" ? Math.floor(bar) + 1 : Math.ceil(bar));
    }
    samples.end();
    start += minutes;
  }
}

/** The sessions that have bars. The minute of a bar outside trading hours is NaN. */
function findSessions(dates: Int32Array, fromOpen: Float64Array): Session[] {
  const sessions: Session[] = [];
  for (let i = 0; i < dates.length; i++) {
    if (Number.isNaN(fromOpen[i]!)) continue;
    const current = sessions.at(-1);
    if (current !== undefined && dates[current.first] === dates[i]) current.end = i + 1;
    else sessions.push({ first: i, end: i + 1 });
  }
  return sessions;
}

/** Whether the bars themselves show that trading on a date has ended: the last bar reaches its close. */
function isOver(date: number, ts: BigInt64Array, dates: Int32Array, clock: BarClock): boolean {
  const last = ts.length - 1;
  if (dates[last]! > date) return true;
  const local = new Float64Array(1);
  localMicros(ts.subarray(last), clock, local);
  const barEnd = local[0]! + (clock.stamp === "start" ? clock.intervalSeconds * 1_000_000 : 0);
  const close = sessionIntervals(date, clock).at(-1)?.[1] ?? 0;
  return barEnd >= date * MICROS_PER_DAY + close * MICROS_PER_MINUTE;
}

/** Whether a bar comes after the stretch that ends at trading minute `end`; false for a bar without a minute. */
function isAfter(minute: number, end: number, stamp: "start" | "end"): boolean {
  return stamp === "start" ? minute >= end : minute > end;
}

function isPrice(value: number): boolean {
  return value > 0 && value < Infinity;
}
