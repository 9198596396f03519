import { join } from "node:path";
import { barsBack } from "../store/bars-back.ts";
import type { DatasetPaths } from "../store/dataset-paths.ts";
import type { DatasetFile, DatasetRecord, RecentBars, SymbolIndex } from "../store/dataset.ts";
import type { ImportContext } from "./import-context.ts";
import { quoteTexts } from "../../shared/sql-text.ts";
import { writeBarsFile, type FileLayout, type WrittenFile } from "./write-bars.ts";

/** More than functions usually look back by, so that corrected bars of the last weeks still have enough before them. */
const BARS_KEPT = 400;

/** A dataset of which more than this part is recent is read whole as well. */
const SHARE_MAX = 1 / 3;

export interface RecentBarsFacts {
  readonly existing: DatasetRecord;
  readonly index: SymbolIndex;
  /** All files of the dataset as it will be, those of before and the new ones. */
  readonly files: readonly DatasetFile[];
  /** Smaller datasets are read whole. */
  readonly rowsMin: number;
}

/** A copy of recent bars, and where it waits if it is new. */
export interface WrittenRecentBars {
  readonly bars: RecentBars;
  readonly stagedPath: string | null;
}

/**
 * The copy of the latest bars that a dataset with added rows has: the one there was, a new one, or none. Whoever adds to
 * a dataset once does so again tomorrow; one that is imported only once needs no copy.
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

/** The copy there is, where it still holds what it says and little was added since. */
function keptRecentBars({ existing, files }: RecentBarsFacts): RecentBars | undefined {
  const { recent } = existing;
  if (recent == null) return undefined;
  const covered = new Set(recent.covers);
  const others = files.filter(({ path }) => !covered.has(path));
  if (files.length - others.length < covered.size) return undefined;
  const added = others.reduce((sum, { rowCount }) => sum + rowCount, 0);
  return added > recent.file.rowCount / 2 ? undefined : recent;
}

/** Where a new copy is to begin; undefined where it would be of no use. */
function recentBarsSince({ existing, index, files, rowsMin }: RecentBarsFacts): number | undefined {
  const rowCount = files.reduce((sum, file) => sum + file.rowCount, 0);
  if (existing.lastTs === null || rowCount < rowsMin) return undefined;
  const since = barsBack(index, existing.lastTs, BARS_KEPT, existing.columns);
  return rowsSince(index, since) > rowCount * SHARE_MAX ? undefined : since;
}

/** Rows of an index from a time on, as if bars lay evenly. */
function rowsSince({ rowCounts, firstTs, lastTs }: SymbolIndex, since: number): number {
  return rowCounts.reduce((sum, rowCount, i) => {
    if (lastTs[i]! < since) return sum;
    const span = lastTs[i]! - firstTs[i]!;
    return sum + (span === 0 ? rowCount : rowCount * Math.min(1, (lastTs[i]! - since) / span));
  }, 0);
}
