import { ident } from "../../import/sql-text.ts";
import { observedSql } from "../../sql/relation-sql.ts";
import type { PlannedSet } from "../training-plan.ts";
import type { BarTimes, OpenSet } from "./open-sets.ts";

/** From when on a bar counts: since it was first known, or since all its values may rest on was known as it is. */
export type Knowledge = "first" | "settled";

/**
 * A query for the rows of a version: `symbol`, `ts`, and as microseconds `ended` and `known`.
 *
 * Of a dataset without known times a bar is known at its end plus availability. Of a bitemporal one the values of a
 * version are of one moment's knowledge, and an observation may have been restated between a bar's own time and then.
 * - `first`: the bar counts from its first observation on.
 * - `settled`: it counts once, of it and of every earlier bar, the observation that the version was computed on was
 *   known. From then on up to the version's own moment a computation on what was known would have given this value, bit
 *   for bit, since nothing that it can read was different.
 */
export function knownRowsSql(dataDir: string, set: OpenSet, times: BarTimes, knowledge: Knowledge): string {
  const { record, rowsSql, planned } = set;
  const keys = `(SELECT symbol, ts FROM (${rowsSql}))`;
  if (record.knownTime === null) {
    return `SELECT v.symbol, v.ts, ${times.ended("v.ts")} AS ended, ${times.known("v.ts")} AS known FROM ${keys} v ${times.join("v.ts")}`;
  }
  const observed = `SELECT symbol, ts, epoch_us(known_at) AS seen, ${valuesHash(set)} AS h FROM (${observedSql(dataDir, record)})${cut(planned)}`;
  const since = knowledge === "first" ? firstSql(observed) : settledSql(observed, planned.reach.isAcross);
  return `SELECT v.symbol, v.ts, ${times.ended("v.ts")} AS ended, k.known FROM ${keys} v JOIN (${since}) k ON k.symbol = v.symbol AND k.ts = v.ts ${times.join("v.ts")}`;
}

function cut({ asOfMicros }: PlannedSet): string {
  return asOfMicros === null ? "" : ` WHERE epoch_us(known_at) <= ${asOfMicros}`;
}

/** Of the columns that are read: a restated volume changes no average of closes. */
function valuesHash({ record, planned }: OpenSet): string {
  const values = record.columns.map(({ name }) => name).filter((name) => !KEYS.has(name));
  const { columns } = planned.reach;
  const read = columns === null ? values : values.filter((name) => columns.includes(name));
  return read.length === 0 ? "0::UBIGINT" : `hash(${read.map(ident).join(", ")})`;
}

const KEYS = new Set(["symbol", "ts", "known_at"]);

function firstSql(observed: string): string {
  return `SELECT symbol, ts, min(seen) AS known FROM (${observed}) GROUP BY symbol, ts`;
}

/** Most keys were never restated: a window over their observations is only spent on those that were. */
function settledSql(observed: string, isAcross: boolean): string {
  return `
    WITH observed AS (${observed}),
    bars AS MATERIALIZED (
      SELECT symbol, ts, min(seen) AS seen, min(h) = max(h) AS same FROM observed GROUP BY symbol, ts
    ),
    marked AS (
      SELECT symbol, ts, seen, h IS DISTINCT FROM lag(h) OVER (PARTITION BY symbol, ts ORDER BY seen) AS is_new
      FROM observed SEMI JOIN (SELECT symbol, ts FROM bars WHERE NOT same) USING (symbol, ts)
    ),
    restated AS (SELECT symbol, ts, max(seen) FILTER (WHERE is_new) AS seen FROM marked GROUP BY symbol, ts),
    since AS (
      SELECT b.symbol, b.ts, coalesce(r.seen, b.seen) AS seen FROM bars b LEFT JOIN restated r USING (symbol, ts)
    )
    ${isAcross ? ACROSS : WITHIN}`;
}

const WITHIN = "SELECT symbol, ts, max(seen) OVER (PARTITION BY symbol ORDER BY ts) AS known FROM since";

const ACROSS = `
    SELECT s.symbol, s.ts, m.known FROM since s
    JOIN (SELECT ts, max(max(seen)) OVER (ORDER BY ts) AS known FROM since GROUP BY ts) m USING (ts)`;
