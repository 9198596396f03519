import { quoteText } from "../../../shared/sql-text.ts";
import type { GivenRows } from "./load-entities.ts";
import { knownRowsSql, type KnownBars, type Knowledge } from "./known-rows.ts";
import type { BarTimes, OpenSet } from "./open-sets.ts";
import type { WorkConnection } from "./work-connection.ts";

export interface MatchContext {
  readonly work: WorkConnection;
  readonly given: GivenRows;
  readonly times: ReadonlyMap<string, BarTimes>;
  readonly knownBars: ReadonlyMap<string, KnownBars>;
  readonly maxAgeMicros: number | null;
}

/**
 * A table with one row per entity row: `n`, `symbol`, `moment`, `bar` (the latest known bar, or null), and `ts` (the same
 * bar, or null if it is too old).
 */
export interface Match {
  readonly table: string;
  readonly matchedRows: number;
  /** Number of matched rows of later days than the version's last bar. */
  readonly laterRows: number;
}

/** An entity's moment in microseconds. A date stands for its end, in the dataset's zone. */
export function momentSql(ts: GivenRows["ts"], timezone: string): string {
  return ts === "date"
    ? `epoch_us(timezone(${quoteText(timezone)}, CAST(ts + 1 AS TIMESTAMP)))`
    : "epoch_us(ts)";
}

/** Finds the current bar of each entity row: the latest of all bars known at its moment. */
export async function matchKnown(
  context: MatchContext,
  set: OpenSet,
  knowledge: Knowledge,
  table: string,
): Promise<Match> {
  const { work, given, knownBars, maxAgeMicros } = context;
  const times = timesOf(context, set);
  const known = knownRowsSql(set, times, knownBars, knowledge);
  // A bar that becomes known late does not replace a later bar that is already known.
  const inTurn = knowledge === "first" ? "max(max(ts)) OVER (PARTITION BY symbol ORDER BY known)" : "max(ts)";
  const steps =
    set.record.knownTime === null
      ? known
      : `SELECT symbol, known, ${inTurn} AS ts FROM (${known}) GROUP BY symbol, known`;
  const isFresh = maxAgeMicros === null ? "true" : `m.moment - ${times.ended("m.bar")} <= ${maxAgeMicros}`;
  const join = maxAgeMicros === null ? "" : `LEFT ${times.join("m.bar")}`;
  await work.run(`
    CREATE TEMP TABLE ${table} AS
    WITH matched AS (
      SELECT e.n, e.symbol, e.moment, f.ts AS bar
      FROM (SELECT n, symbol, ${momentSql(given.ts, set.clocks.timezone)} AS moment FROM entity) e
      ASOF LEFT JOIN (${steps}) f ON e.symbol = f.symbol AND e.moment >= f.known
    )
    SELECT m.n, m.symbol, m.moment, m.bar, CASE WHEN ${isFresh} THEN m.bar END AS ts
    FROM matched m ${times.join("m.bar") === "" ? "" : join}`);
  return {
    table,
    matchedRows: await work.count(`SELECT count(ts) FROM ${table}`),
    laterRows: await work.count(`SELECT count(ts) FROM ${table} WHERE moment > ${endOfLastDay(set)}`),
  };
}

/** The end of the day of a version's last bar, in the dataset's zone and in microseconds. */
function endOfLastDay({ manifest: { lastTs, tsType }, clocks: { timezone } }: OpenSet): string {
  if (lastTs === null) return "NULL";
  const zone = quoteText(timezone);
  const last = quoteText(lastTs);
  const day =
    tsType === "date32"
      ? `CAST(${last} AS DATE)`
      : `CAST(timezone(${zone}, CAST(${last} AS TIMESTAMPTZ)) AS DATE)`;
  return `epoch_us(timezone(${zone}, CAST(${day} + 1 AS TIMESTAMP)))`;
}

export function timesOf({ times }: MatchContext, { record }: OpenSet): BarTimes {
  const found = times.get(record.name);
  if (found === undefined) throw new Error(`No bar times were made for ${record.name}`);
  return found;
}

/** Versions with equal keys have the same rows, known at the same times, so they are matched once. */
export function matchKey({ record, manifest, planned }: OpenSet, knowledge: Knowledge): string {
  const { symbols, from, to } = manifest.lineage;
  const read = manifest.lineage.inputs.map(({ dataset, datasetVersion }) => [dataset, datasetVersion]);
  const isSettled = record.knownTime !== null && knowledge === "settled";
  return JSON.stringify([
    record.name,
    record.knownTime === null ? null : planned.asOfMicros,
    isSettled ? [planned.reach.columns?.toSorted() ?? null, planned.reach.isAcross] : null,
    knowledge,
    [symbols, from, to, manifest.lineage.asOf, read],
    [manifest.rowCount, manifest.firstTs, manifest.lastTs],
  ]);
}
