import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { query, run, toCount, type ImportContext } from "./import-context.ts";
import type { RowProfile } from "./profile-rows.ts";
import { quoteText } from "../../shared/sql-text.ts";

/** Good rows of a range of symbols that become one file; a whole number of symbols each. */
export interface Bucket {
  /** SQL to stand after FROM. */
  readonly from: string;
  readonly rowCount: number;
  /** Whether the rows come in the order they are to be stored in. */
  readonly isSorted: boolean;
}

/**
 * Cuts the good rows between symbols into pieces small enough to be sorted in memory. Rows that come in order
 * are cut by a filter that skips what lies outside; others are first dealt out to one folder a piece.
 */
export async function planBuckets(
  context: ImportContext,
  profile: RowProfile,
  rowsPerFile: number,
): Promise<Bucket[]> {
  const { good, goodRowCount } = profile;
  // A join on the way may hand rows on in another order.
  const isSorted = profile.isSorted && !profile.hasBadRows;
  if (goodRowCount <= rowsPerFile) return [{ from: good, rowCount: goodRowCount, isSorted }];
  const counts = await query(context, `SELECT symbol, count(*) FROM ${good} GROUP BY symbol ORDER BY symbol`);
  const ranges = cutRanges(
    counts.map((row) => ({ symbol: String(row[0]), rowCount: toCount(row[1]) })),
    rowsPerFile,
  );
  if (profile.isSorted || ranges.length === 1) {
    return ranges.map(({ first, last, rowCount }) => ({
      from: `(SELECT * FROM ${good} WHERE symbol BETWEEN ${quoteText(first)} AND ${quoteText(last)})`,
      rowCount,
      isSorted,
    }));
  }
  return await context.stage("partition", () => dealOut(context, good, ranges));
}

interface SymbolRange {
  readonly first: string;
  last: string;
  rowCount: number;
}

/** Ranges of about equal size, none much above `rowsPerFile` unless a single symbol is. */
function cutRanges(
  counts: readonly { symbol: string; rowCount: number }[],
  rowsPerFile: number,
): SymbolRange[] {
  const total = counts.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const size = total / Math.ceil(total / rowsPerFile);
  const ranges: SymbolRange[] = [];
  let before = 0;
  for (const { symbol, rowCount } of counts) {
    const range = ranges.at(-1);
    if (range === undefined || before >= size * ranges.length)
      ranges.push({ first: symbol, last: symbol, rowCount });
    else {
      range.last = symbol;
      range.rowCount += rowCount;
    }
    before += rowCount;
  }
  return ranges;
}

async function dealOut(
  context: ImportContext,
  good: string,
  ranges: readonly SymbolRange[],
): Promise<Bucket[]> {
  const dir = join(context.staging, "dealt");
  mkdirSync(dir);
  const bucket = bucketOf(ranges, 0, ranges.length);
  // Rows wait in memory by bucket and thread until a row group is full: a small one bounds that.
  await run(context, "SET partitioned_write_flush_threshold = 65536");
  await run(
    context,
    `COPY (SELECT *, ${bucket} AS bucket FROM ${good}) TO ${quoteText(dir)} (FORMAT parquet, COMPRESSION lz4, PARTITION_BY (bucket), WRITE_PARTITION_COLUMNS false)`,
  );
  await run(context, "RESET partitioned_write_flush_threshold");
  return ranges.map(({ rowCount }, at) => ({
    from: `read_parquet(${quoteText(join(dir, `bucket=${at}`, "*.parquet"))}, hive_partitioning = false)`,
    rowCount,
    isSorted: false,
  }));
}

/** The number of the range a symbol lies in, as a tree of comparisons. */
function bucketOf(ranges: readonly SymbolRange[], from: number, to: number): string {
  if (to - from === 1) return String(from);
  const middle = (from + to) >> 1;
  return `CASE WHEN symbol < ${quoteText(ranges[middle]!.first)} THEN ${bucketOf(ranges, from, middle)} ELSE ${bucketOf(ranges, middle, to)} END`;
}
