import { join } from "node:path";
import { barsBack } from "../store/bars-back.ts";
import type { DatasetPaths } from "../store/dataset-paths.ts";
import type { DatasetFile, DatasetRecord, RecentBars, SymbolIndex } from "../store/dataset.ts";
import type { ImportContext } from "./import-context.ts";
import { quoteTexts } from "../../shared/sql-text.ts";
import { writeBarsFile, type FileLayout, type WrittenFile } from "./write-bars.ts";

/** More than the usual look-back of functions, so that corrected bars of the last weeks have enough bars before them. */
const BARS_KEPT = 400;

/** If more than this share of a dataset is recent, the whole dataset is read instead. */
const SHARE_MAX = 1 / 3;

export interface RecentBarsFacts {
  readonly existing: DatasetRecord;
  readonly index: SymbolIndex;
  /** All files of the dataset after the import, old and new. */
  readonly files: readonly DatasetFile[];
  /** Datasets with fewer rows have no copy and are read whole. */
  readonly rowsMin: number;
}

/** A copy of recent bars, with its staged path if it is new. */
export interface WrittenRecentBars {
  readonly bars: RecentBars;
  readonly stagedPath: string | null;
}

/**
 * Keeps, replaces or drops the copy of the latest bars of a dataset to which rows are added. A dataset that grew once
 * will grow again; one that is imported only once needs no copy.
 */
export async function recentBarsOf(
  context: ImportContext,
  layout: FileLayout,
  paths: DatasetPaths,
  written: readonly WrittenFile[],
  facts: RecentBarsFacts,
): Promise<WrittenRecentBars | undefined> {
  const kept = keptRecentBars(facts);
  if (kept !== undefined) return { bars: kept, stagedPath: null };
  const since = recentBarsSince(facts);
  if (since === undefined) return undefined;
  const stagedPaths = new Map(written.map(({ file, stagedPath }) => [file.path, stagedPath]));
  const sources = facts.files.map(({ path }) => stagedPaths.get(path) ?? join(paths.dir, path));
  const isDaily = layout.columns.some(({ name, type }) => name === "ts" && type === "date32");
  const first = isDaily
    ? `DATE '1970-01-01' + CAST(${since} AS INTEGER)`
    : `make_timestamptz(CAST(${since} AS BIGINT))`;
  const rows = `(SELECT * FROM read_parquet(${quoteTexts(sources)}) WHERE ts >= ${first})`;
  const name = `recent-${context.importId}.parquet`;
  const copy = await (await writeBarsFile(context, layout, rows, false, name))?.finish();
  if (copy === undefined) return undefined;
  const file = { ...copy.file, path: join("recent", name) };
  return { stagedPath: copy.stagedPath, bars: { file, since, covers: facts.files.map(({ path }) => path) } };
}

/** The existing copy, if all files that it covers are still there and few rows were added since. */
function keptRecentBars({ existing, files }: RecentBarsFacts): RecentBars | undefined {
  const { recent } = existing;
  if (recent == null) return undefined;
  const covered = new Set(recent.covers);
  const others = files.filter(({ path }) => !covered.has(path));
  if (files.length - others.length < covered.size) return undefined;
  const added = others.reduce((sum, { rowCount }) => sum + rowCount, 0);
  return added > recent.file.rowCount / 2 ? undefined : recent;
}

/** The event time from which a new copy is made; undefined if a copy would not help. */
function recentBarsSince({ existing, index, files, rowsMin }: RecentBarsFacts): number | undefined {
  const rowCount = files.reduce((sum, file) => sum + file.rowCount, 0);
  if (existing.lastTs === null || rowCount < rowsMin) return undefined;
  const since = barsBack(index, existing.lastTs, BARS_KEPT, existing.columns);
  return rowsSince(index, since) > rowCount * SHARE_MAX ? undefined : since;
}

/** Estimated number of rows from a time on, assuming that bars are evenly spaced. */
function rowsSince({ rowCounts, firstTs, lastTs }: SymbolIndex, since: number): number {
  return rowCounts.reduce((sum, rowCount, i) => {
    if (lastTs[i]! < since) return sum;
    const span = lastTs[i]! - firstTs[i]!;
    return sum + (span === 0 ? rowCount : rowCount * Math.min(1, (lastTs[i]! - since) / span));
  }, 0);
}
