import type { RowSetKey } from "../../../shared/protocol/row-set.ts";
import type { DatasetFile, DatasetRecord } from "../../store/dataset.ts";
import { columnOf, filesOf, isOneOf, whereSymbols } from "./dataset-reader.ts";

/** A selection of stored rows to read. */
export interface RowSelection {
  /** The files, in the order in which their rows are numbered. */
  readonly files: readonly DatasetFile[];
  /** The condition on their rows; empty if all are wanted. */
  readonly where: string;
  /** Rows before this event time are read with the others and then left out. */
  readonly firstTs?: number;
  /** Further rows, numbered after these: files that are read under another condition. */
  readonly elsewhere?: RowSelection;
}

/**
 * Locates the stored rows of a row set. Late rows come from the dataset's copy of its recent bars, if it has one that
 * begins early enough; earlier rows of symbols that are wanted completely are read from elsewhere.
 */
export function selectRows(
  record: DatasetRecord,
  { symbols, recent }: Pick<RowSetKey, "symbols" | "recent">,
): RowSelection {
  if (recent === undefined) return { files: filesOf(record, symbols), where: whereSymbols(symbols) };
  const { since, whole } = recent;
  const isWhole = whole.length === 0 ? null : isOneOf(whole);
  const isLate = `ts >= ${timeSql(record, since)}`;
  const where = isWhole === null ? ` WHERE ${isLate}` : ` WHERE (${isLate} OR ${isWhole})`;
  const filesOfWhole = new Set(isWhole === null ? [] : filesOf(record, whole));
  const copy = record.recent;
  if (copy == null || copy.since > since) {
    return { files: record.files.filter((file) => isFrom(file, since) || filesOfWhole.has(file)), where };
  }
  const covered = new Set(copy.covers);
  const others = record.files.filter(
    (file) => !covered.has(file.path) && (isFrom(file, since) || filesOfWhole.has(file)),
  );
  const late = { files: [copy.file, ...others], where };
  // Nearly all rows of these files are wanted, so reading them from the pages is faster than a query.
  if (isWhole === null) return { files: late.files, where: "", firstTs: since };
  const earlier = record.files.filter((file) => covered.has(file.path) && filesOfWhole.has(file));
  const isEarlier = ` WHERE ts < ${timeSql(record, copy.since)} AND ${isWhole}`;
  return { ...late, elsewhere: { files: earlier, where: isEarlier } };
}

/** The number of rows per query: results wait in memory, so large datasets are read in runs of files. */
const SCAN_ROWS = 4_000_000;

/** Groups files into runs of about `SCAN_ROWS` rows, in order, with the condition on each. */
export function fileRuns({ files, where, elsewhere }: RowSelection): RowSelection[] {
  const runs: { files: DatasetFile[]; where: string }[] = [];
  let rowCount = 0;
  for (const file of files) {
    const held = runs.at(-1);
    if (held === undefined || rowCount + file.rowCount > SCAN_ROWS) {
      runs.push({ files: [file], where });
      rowCount = file.rowCount;
    } else {
      held.files.push(file);
      rowCount += file.rowCount;
    }
  }
  return elsewhere === undefined ? runs : [...runs, ...fileRuns(elsewhere)];
}

function isFrom({ lastTs }: DatasetFile, since: number): boolean {
  return lastTs === null || lastTs >= since;
}

function timeSql(record: DatasetRecord, ts: number): string {
  return columnOf(record, "ts").type === "date32"
    ? `DATE '1970-01-01' + CAST(${ts} AS INTEGER)`
    : `make_timestamptz(CAST(${ts} AS BIGINT))`;
}
