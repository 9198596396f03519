import { quoteName } from "../../../shared/sql-text.ts";
import { observedSql } from "../../sql/relation-sql.ts";
import { ofSymbols, type BarTimes, type OpenSet } from "./open-sets.ts";
import type { WorkConnection } from "./work-connection.ts";

/** When a bar begins to count: when it was first known, or when everything its values may depend on was known. */
export type Knowledge = "first" | "settled";

/**
 * Bars of a bitemporal dataset as of one moment: a table with `symbol`, `ts`, `first` (when the bar was first known)
 * and, for each set of columns that functions read, `same_<n>`: whether all observations agree in these columns. The
 * observations of restated bars are in `<table>_restated`, with a hash of the columns, `h_<n>`.
 */
export interface KnownBars {
  readonly table: string;
  /** Number of rows of the dataset; null if only those of some symbols were read. */
  readonly rowCount: number | null;
  /** SQL of the hashes of columns; the position of a set's own hash is its `n`. */
  readonly hashes: readonly string[];
}

/**
 * Reads the observations of each bitemporal dataset once for all sets, and once more for restated bars. It reads only
 * the entities' symbols, unless a value depends on bars of other symbols.
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
 * In a dataset without known times, a bar is known at its end plus availability. In a bitemporal dataset, a version was
 * computed as of one moment, and an observation may have been restated between the bar's time and that moment.
 * - `first`: the bar counts from its first observation.
 * - `settled`: it counts once the observations that the version used, of the bar and all earlier bars, were known. From
 *   then until the version's own moment, a computation as of any time would have given this value, bit for bit, because
 *   everything that it can read was the same.
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

/** Whether a version has a row for every bar, so that its keys need not be read. */
function holdsAll({ manifest }: OpenSet, bars: KnownBars): boolean {
  const { symbols, from, to } = manifest.lineage;
  return symbols === null && from === null && to === null && manifest.rowCount === bars.rowCount;
}

function barsKey({ record, planned }: OpenSet): string {
  return `${record.name} ${planned.asOfMicros ?? ""}`;
}

/** A hash of the columns that the function reads: a restated volume does not change an average of closes. */
function valuesHash({ record, planned }: OpenSet): string {
  const values = record.columns.map(({ name }) => name).filter((name) => !KEYS.has(name));
  const { columns } = planned.reach;
  const read = columns === null ? values : values.filter((name) => columns.includes(name));
  return read.length === 0 ? "0::UBIGINT" : `hash(${read.map(quoteName).join(", ")})`;
}

const KEYS = new Set(["symbol", "ts", "known_at"]);

/** Most keys were never restated, so the window over observations runs only on the others. */
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
