import { join } from "node:path";
import { QuiverError } from "../../../shared/errors/index.ts";
import { openClocks, parseDate, MICROS_PER_SECOND, type Clocks } from "../../../shared/time/index.ts";
import { quoteText } from "../../../shared/sql-text.ts";
import { versionSql } from "../../sql/relation-sql.ts";
import type { DatasetRecord } from "../../store/dataset.ts";
import { datasetPaths } from "../../store/dataset-paths.ts";
import { readManifest } from "../../store/feature-sets.ts";
import type { Manifest } from "../../store/manifest.ts";
import { readDataset, readSymbolIndex } from "../../store/read-dataset.ts";
import type { PlannedSet } from "../../../shared/protocol/training-plan.ts";
import type { WorkConnection } from "./work-connection.ts";

/** A version that is ready to be read. */
export interface OpenSet {
  readonly planned: PlannedSet;
  readonly record: DatasetRecord;
  readonly clocks: Clocks;
  readonly manifest: Manifest;
  /** A query for its rows. */
  readonly rowsSql: string;
  /** The symbols to which queries of its dataset's rows are restricted; null if that would save nothing. */
  readonly symbols: readonly string[] | null;
}

/** Opens the versions of a plan. Refuses it if a version was removed, or a dataset imported again, after planning. */
export function openSets(
  dataDir: string,
  sets: readonly PlannedSet[],
  entitySymbols: readonly string[],
): OpenSet[] {
  const counts = new Map<string, number>();
  const countOf = (record: DatasetRecord) => {
    const count = counts.get(record.name) ?? readSymbolIndex(dataDir, record).symbols.length;
    counts.set(record.name, count);
    return count;
  };
  return sets.map((planned) => {
    const { dataset, name, kind, version } = planned;
    const record = readDataset(dataDir, dataset);
    const set = { dataset, name, kind, current: version, versions: [version] };
    const manifest = readManifest(dataDir, set, version);
    if (record.fingerprint !== planned.datasetVersion || record.clocks === null || manifest === undefined) {
      throw new QuiverError(
        "dataset-version-gone",
        `Cannot read ${dataset}:${name}: it changed while the training set was being planned. Try again.`,
        { dataset, feature: name },
      );
    }
    const paths = datasetPaths(dataDir, dataset);
    const versionDir = join(kind === "label" ? paths.labels : paths.features, name, version);
    const isFew = entitySymbols.length > 0 && entitySymbols.length * FEW <= countOf(record);
    const symbols = isFew ? entitySymbols : null;
    const rowsSql = ofSymbols(versionSql(versionDir, manifest), symbols);
    return { planned, record, clocks: record.clocks, manifest, rowsSql, symbols };
  });
}

/** Reading only some symbols is worthwhile for up to one in this many of a dataset's symbols. */
const FEW = 2;

/** A query for the rows of some symbols. DuckDB skips files and row groups without them. */
export function ofSymbols(sql: string, symbols: readonly string[] | null): string {
  return symbols === null
    ? sql
    : `SELECT * FROM (${sql}) WHERE symbol IN (${symbols.map(quoteText).join(", ")})`;
}

/** The two moments of a bar in SQL, in microseconds: its end, and the time at which it is known. */
export interface BarTimes {
  /** The join that provides the table alias `d`; empty if arithmetic is enough. */
  readonly join: (ts: string) => string;
  readonly ended: (ts: string) => string;
  readonly known: (ts: string) => string;
}

/**
 * When the bars of each dataset end and are known, by its clocks. For daily bars, the clocks fill a table of dates.
 */
export async function barTimes(
  work: WorkConnection,
  sets: readonly OpenSet[],
): Promise<Map<string, BarTimes>> {
  const times = new Map<string, BarTimes>();
  for (const { record, clocks } of sets) {
    if (times.has(record.name)) continue;
    if (clocks.intervalSeconds !== "1d") {
      const clock = openClocks(clocks);
      const end = clock.barEndOf(0);
      const known = clock.knownTimeOf(0);
      times.set(record.name, {
        join: () => "",
        ended: (ts) => `(epoch_us(${ts}) + ${end})`,
        known: (ts) => `(epoch_us(${ts}) + ${known})`,
      });
      continue;
    }
    const table = `days_${times.size}`;
    const own = sets.filter((set) => set.record.name === record.name);
    await fillDays(work, table, clocks, own);
    times.set(record.name, {
      join: (ts) => `JOIN ${table} d ON d.day = ${ts}`,
      ended: () => "d.ended",
      known: () => "d.known",
    });
  }
  return times;
}

async function fillDays(
  work: WorkConnection,
  table: string,
  clocks: Clocks,
  sets: readonly OpenSet[],
): Promise<void> {
  const dates = sets.flatMap(({ record, manifest: { firstTs, lastTs } }) => [
    record.firstTs,
    record.lastTs,
    firstTs === null ? null : (parseDate(firstTs.slice(0, 10)) ?? null),
    lastTs === null ? null : (parseDate(lastTs.slice(0, 10)) ?? null),
  ]);
  const known = dates.filter((date) => date !== null);
  const clock = openClocks(clocks);
  const availability = clocks.availabilitySeconds * MICROS_PER_SECOND;
  const days: string[] = [];
  for (let date = Math.min(...known); date <= Math.max(...known); date++) {
    const at = clock.knownTimeOf(date);
    days.push(`(DATE '1970-01-01' + ${date}, ${at - availability}::BIGINT, ${at}::BIGINT)`);
  }
  const rows = days.length === 0 ? "(NULL::DATE, NULL::BIGINT, NULL::BIGINT)" : days.join(", ");
  await work.run(
    `CREATE TEMP TABLE ${table} AS SELECT * FROM (VALUES ${rows}) v(day, ended, known) WHERE day IS NOT NULL`,
  );
}
