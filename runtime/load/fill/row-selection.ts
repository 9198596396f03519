import type { RowSetKey } from "../../../shared/protocol/row-set.ts";
import type { DatasetFile, DatasetRecord } from "../../store/dataset.ts";
import { columnOf, filesOf, isOneOf, whereSymbols } from "./dataset-reader.ts";

/** Stored rows to be read. */
export interface RowSelection {
  /** In the order in which their rows count. */
  readonly files: readonly DatasetFile[];
  /** The condition on their rows; empty when all are wanted. */
  readonly where: string;
  /** Rows before this event time are read with the others and left out. */
  readonly firstTs?: number;
  /** More rows, which count after these: files that are read under another condition. */
  readonly elsewhere?: RowSelection;
}

/**
 * Where the stored rows of a row set are. Late ones come out of the dataset's copy of its recent bars, if it has one
 * that begins early enough; of symbols that are wanted whole, what is earlier lies elsewhere.
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
  // Nearly all rows of these files are wanted: taken from their pages they are there sooner than out of a query.
  if (isWhole === null) return { files: late.files, where: "", firstTs: since };
  const earlier = record.files.filter((file) => covered.has(file.path) && filesOfWhole.has(file));
  const isEarlier = ` WHERE ts < ${timeSql(record, copy.since)} AND ${isWhole}`;
  return { ...late, elsewhere: { files: earlier, where: isEarlier } };
}

/** Rows of one query: what it returns waits in memory, so large datasets are read in runs of files. */
const SCAN_ROWS = 4_000_000;

/** Runs of files of about `SCAN_ROWS` rows, in order, and the condition on each. */
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
