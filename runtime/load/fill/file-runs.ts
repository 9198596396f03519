import type { DatasetFile } from "../../store/dataset.ts";
import type { RowRun } from "./cut-rows.ts";
import { symbolsOf } from "./dataset-reader.ts";
import type { FillJob } from "./fill-job.ts";

/** Consecutive files of an ordered dataset whose rows form one part. */
export interface FileRun {
  readonly files: readonly DatasetFile[];
  readonly rows: RowRun;
}

/** Groups files into runs of about the rows of one part; for a few symbols, into a single run. Never returns none. */
export function fileRunsOf({
  version,
  key,
  files,
  partRows,
}: Pick<FillJob, "version" | "key" | "files" | "partRows">): FileRun[] {
  if (key.symbols !== null) {
    const { rowCounts } = version.index;
    const rowCount = symbolsOf(version, key).reduce(
      (sum, symbol) => sum + rowCounts[version.codes.get(symbol)!]!,
      0,
    );
    return [{ files: rowCount === 0 ? [] : files, rows: { firstRow: 0, rowCount } }];
  }
  const runs: FileRun[] = [];
  let held: DatasetFile[] = [];
  let firstRow = 0;
  let rowCount = 0;
  for (const [i, file] of files.entries()) {
    held.push(file);
    rowCount += file.rowCount;
    const following = files[i + 1];
    // A symbol that continues in the next file stays in one part.
    const isCut = following === undefined || following.firstSymbol !== file.lastSymbol;
    if (!isCut || (following !== undefined && rowCount + following.rowCount / 2 < partRows)) continue;
    runs.push({ files: held, rows: { firstRow, rowCount } });
    firstRow += rowCount;
    rowCount = 0;
    held = [];
  }
  return runs.length > 0 ? runs : [{ files: [], rows: { firstRow: 0, rowCount: 0 } }];
}
