import { QuiverError } from "../../../shared/errors/index.ts";
import { openClocks, openZone, type Clocks } from "../../../shared/time/index.ts";
import type { DatasetRecord } from "../../store/dataset.ts";

export type Match = "exact" | "known" | "following";

/** The event times of rows (and known times, for a bitemporal dataset), in the units of their columns. */
export interface RowTimes {
  readonly record: DatasetRecord;
  readonly ts: Int32Array | Float64Array;
  readonly knownAt: Float64Array | null;
}

type Moments = Int32Array | Float64Array;

/** One number per row, on a scale that both sides share, so that matching means comparing. */
export interface MatchMoments {
  readonly rows: Moments;
  readonly others: Moments;
}

/**
 * The times that decide a match, on one scale for both datasets:
 * - `exact`: event times, which must be of the same kind;
 * - `known`: the moments at which rows became known;
 * - `following`: event times; for an intraday row matched to daily ones, its local date.
 */
export function matchMoments(match: Match, rows: RowTimes, others: RowTimes): MatchMoments {
  if (match === "known") return { rows: knownMoments(rows), others: knownMoments(others) };
  const isDaily = rows.ts instanceof Int32Array;
  const isOtherDaily = others.ts instanceof Int32Array;
  if (isDaily === isOtherDaily) return { rows: rows.ts, others: others.ts };
  if (match === "exact") {
    throw new QuiverError(
      "match-impossible",
      `Cannot match dataset ${JSON.stringify(others.record.name)} exactly: its event times are ${kind(isOtherDaily)}, those of ${JSON.stringify(rows.record.name)} are ${kind(isDaily)}. Use match: "known" for what was known at each bar, or "following".`,
      { dataset: rows.record.name, other: others.record.name, match },
    );
  }
  return isOtherDaily
    ? { rows: localDates(rows), others: others.ts }
    : { rows: barEnds(rows), others: others.ts };
}

/** When each row became known, in microseconds. */
export function knownMoments({ record, ts, knownAt }: RowTimes): Float64Array {
  if (knownAt !== null) return knownAt;
  const clocks = openClocks(clocksOf(record));
  return mapTimes(ts, (time) => clocks.knownTimeOf(time));
}

function barEnds({ record, ts }: RowTimes): Float64Array {
  const clocks = openClocks(clocksOf(record));
  return mapTimes(ts, (time) => clocks.barEndOf(time));
}

/** The local date of each row; a bar stamped at its end belongs to the time before it. */
function localDates({ record, ts }: RowTimes): Float64Array {
  const { timezone, stamp } = clocksOf(record);
  const zone = openZone(timezone);
  const inside = stamp === "end" ? 1 : 0;
  return mapTimes(ts, (time) => zone.dateOf(time - inside));
}

/** Dates recur in every symbol, so each distinct date is converted once. */
function mapTimes(ts: Moments, convert: (time: number) => number): Float64Array {
  const moments = new Float64Array(ts.length);
  if (ts instanceof Float64Array) {
    for (let i = 0; i < ts.length; i++) moments[i] = convert(ts[i]!);
    return moments;
  }
  const known = new Map<number, number>();
  for (let i = 0; i < ts.length; i++) {
    const time = ts[i]!;
    let moment = known.get(time);
    if (moment === undefined) known.set(time, (moment = convert(time)));
    moments[i] = moment;
  }
  return moments;
}

function clocksOf({ name, clocks }: DatasetRecord): Clocks {
  if (clocks !== null) return clocks;
  throw new QuiverError(
    "match-impossible",
    `Cannot match dataset ${JSON.stringify(name)} by time: it has no event times.`,
    { dataset: name },
  );
}

function kind(isDaily: boolean): string {
  return isDaily ? "dates" : "instants";
}
