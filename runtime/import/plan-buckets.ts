import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { query, run, toCount, type ImportContext } from "./import-context.ts";
import type { RowProfile } from "./profile-rows.ts";
import { quoteText } from "../../shared/sql-text.ts";

/** The good rows of a range of symbols, which become one file. No symbol is split between two buckets. */
export interface Bucket {
  /** SQL to follow FROM. */
  readonly from: string;
  readonly rowCount: number;
  /** Whether the rows arrive in the order in which they are stored. */
  readonly isSorted: boolean;
}

/**
 * Cuts the good rows, between symbols, into pieces that can be sorted in memory. Sorted rows are cut by a filter, which
 * skips what lies outside; unsorted rows are first distributed to one folder per piece.
 */
export async function planBuckets(
  context: ImportContext,
  profile: RowProfile,
  rowsPerFile: number,
): Promise<Bucket[]> {
  const { good, goodRowCount } = profile;
  // A join with the removed rows may change the order.
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

/** Ranges of about equal size. Only a range with a very large symbol is much above `rowsPerFile`. */
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
  // Each thread buffers rows per bucket until a row group is full, so a small row group bounds the memory.
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

/** The number of the range that contains a symbol, as a tree of comparisons. */
function bucketOf(ranges: readonly SymbolRange[], from: number, to: number): string {
  if (to - from === 1) return String(from);
  const middle = (from + to) >> 1;
  return `CASE WHEN symbol < ${quoteText(ranges[middle]!.first)} THEN ${bucketOf(ranges, from, middle)} ELSE ${bucketOf(ranges, middle, to)} END`;
}
