import { quoteName } from "../../../shared/sql-text.ts";
import { observedSql } from "../../sql/relation-sql.ts";
import { ofSymbols, type BarTimes, type OpenSet } from "./open-sets.ts";
import type { WorkConnection } from "./work-connection.ts";

/** From when on a bar counts: since it was first known, or since all its values may rest on was known as it is. */
export type Knowledge = "first" | "settled";

/**
 * Bars of a bitemporal dataset as of one moment: a table with `symbol`, `ts`, `first` (when it was first known) and, by
 * the columns that functions read, `same_<n>`: whether all observations agree in them. The observations of bars that
 * were restated in any of them are in `<table>_restated`, with a hash of the columns, `h_<n>`.
 */
export interface KnownBars {
  readonly table: string;
  /** Rows of the dataset; null where only those of some symbols were read. */
  readonly rowCount: number | null;
  /** SQL of a hash of columns; a set's own is at `n`. */
  readonly hashes: readonly string[];
}

/**
 * Reads the observations of each bitemporal dataset once for all sets, and once more for what was restated: of the
 * entities' symbols, unless a value rests on other symbols' bars.
 */
export async function openKnownBars(
  work: Pick<WorkConnection, "run" | "count">,
  dataDir: string,
  sets: readonly OpenSet[],
): Promise<ReadonlyMap<string, KnownBars>> {
  const known = new Map<string, KnownBars>();
  const bitemporal = sets.filter(({ record }) => record.knownTime !== null);
  for (const [key, group] of Map.groupBy(bitemporal, barsKey)) {
    const table = `bars_${known.size}`;
    const { record, planned } = group[0]!;
    const hashes = [...new Set(group.map(valuesHash))];
    const cut = planned.asOfMicros === null ? "" : `WHERE epoch_us(known_at) <= ${planned.asOfMicros}`;
    const symbols = group.some((set) => set.planned.reach.isAcross) ? null : group[0]!.symbols;
    const source = ofSymbols(observedSql(dataDir, record), symbols);
    const hashed = hashes.map((sql, n) => `, ${sql} AS h_${n}`).join("");
    const observed = `SELECT symbol, ts, epoch_us(known_at) AS seen ${hashed} FROM (${source}) ${cut}`;
    const same = hashes.map((_, n) => `, min(h_${n}) = max(h_${n}) AS same_${n}`).join("");
    await work.run(
      `CREATE TEMP TABLE ${table} AS SELECT symbol, ts, min(seen) AS first ${same} FROM (${observed}) GROUP BY symbol, ts`,
    );
    const isSame = hashes.map((_, n) => `same_${n}`).join(" AND ");
    await work.run(
      `CREATE TEMP TABLE ${table}_restated AS SELECT o.* FROM (${observed}) o SEMI JOIN (SELECT symbol, ts FROM ${table} WHERE NOT (${isSame})) USING (symbol, ts)`,
    );
    const rowCount = symbols === null ? await work.count(`SELECT count(*) FROM ${table}`) : null;
    known.set(key, { table, rowCount, hashes });
  }
  return known;
}

/**
 * A query for the rows of a version: `symbol`, `ts`, and `known` in microseconds.
 *
 * Of a dataset without known times a bar is known at its end plus availability. Of a bitemporal one the values of a
 * version are of one moment's knowledge, and an observation may have been restated between a bar's own time and then.
 * - `first`: the bar counts from its first observation on.
 * - `settled`: it counts once, of it and of every earlier bar, the observation that the version was computed on was
 *   known. From then on up to the version's own moment a computation on what was known would have given this value, bit
 *   for bit, since nothing that it can read was different.
 */
export function knownRowsSql(
  set: OpenSet,
  times: BarTimes,
  knownBars: ReadonlyMap<string, KnownBars>,
  knowledge: Knowledge,
): string {
  const { record, rowsSql, planned } = set;
  if (record.knownTime === null) {
    return `SELECT v.symbol, v.ts, ${times.known("v.ts")} AS known FROM (SELECT symbol, ts FROM (${rowsSql})) v ${times.join("v.ts")}`;
  }
  const bars = knownBars.get(barsKey(set));
  if (bars === undefined) throw new Error(`The bars of ${record.name} were not read`);
  const since =
    knowledge === "first"
      ? `SELECT symbol, ts, first AS known FROM ${bars.table}`
      : settledSql(bars.table, bars.hashes.indexOf(valuesHash(set)), planned.reach.isAcross);
  if (holdsAll(set, bars)) return since;
  return `SELECT k.symbol, k.ts, k.known FROM (${since}) k SEMI JOIN (SELECT symbol, ts FROM (${rowsSql})) v USING (symbol, ts)`;
}

/** A version of every bar need not be asked for its keys. */
function holdsAll({ manifest }: OpenSet, bars: KnownBars): boolean {
  const { symbols, from, to } = manifest.lineage;
  return symbols === null && from === null && to === null && manifest.rowCount === bars.rowCount;
}

function barsKey({ record, planned }: OpenSet): string {
  return `${record.name} ${planned.asOfMicros ?? ""}`;
}

/** Of the columns that are read: a restated volume changes no average of closes. */
function valuesHash({ record, planned }: OpenSet): string {
  const values = record.columns.map(({ name }) => name).filter((name) => !KEYS.has(name));
  const { columns } = planned.reach;
  const read = columns === null ? values : values.filter((name) => columns.includes(name));
  return read.length === 0 ? "0::UBIGINT" : `hash(${read.map(quoteName).join(", ")})`;
}

const KEYS = new Set(["symbol", "ts", "known_at"]);

/** Most keys were never restated: a window over their observations is only spent on those that were. */
function settledSql(bars: string, n: number, isAcross: boolean): string {
  return `
    WITH marked AS (
      SELECT symbol, ts, seen, h_${n} IS DISTINCT FROM lag(h_${n}) OVER (PARTITION BY symbol, ts ORDER BY seen) AS is_new
      FROM ${bars}_restated
    ),
    restated AS (SELECT symbol, ts, max(seen) FILTER (WHERE is_new) AS seen FROM marked GROUP BY symbol, ts),
    since AS (
      SELECT b.symbol, b.ts, coalesce(r.seen, b.first) AS seen FROM ${bars} b LEFT JOIN restated r USING (symbol, ts)
    )
    ${isAcross ? ACROSS : WITHIN}`;
}

const WITHIN = "SELECT symbol, ts, max(seen) OVER (PARTITION BY symbol ORDER BY ts) AS known FROM since";

const ACROSS = `
    SELECT s.symbol, s.ts, m.known FROM since s
    JOIN (SELECT ts, max(max(seen)) OVER (ORDER BY ts) AS known FROM since GROUP BY ts) m USING (ts)`;
