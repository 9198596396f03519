import { query, toCount, type ImportContext } from "./import-context.ts";
import type { FileReport, RowTally } from "../../shared/protocol/import.ts";
import { add, type RowProfile } from "./profile-rows.ts";
import { REASON_NAMES, reasonOf, WARNING_NAMES, type Reason } from "../../shared/protocol/import-reasons.ts";
import { removedTable } from "./removed-rows.ts";
import type { SourceFile } from "./source-files.ts";

export interface ImportTally {
  readonly files: readonly FileReport[];
  readonly total: RowTally;
  /** Rows of earlier imports that were replaced. */
  readonly replacedRows: number;
  readonly identicalRows: number;
}

const REPEATS: ReadonlySet<Reason> = new Set(["identical-repeat", "conflicting-repeat", "superseded"]);

/** Counts every row of every file by its outcome, after repeated keys have been resolved. */
export async function tallyFiles(
  context: ImportContext,
  sources: readonly SourceFile[],
  profile: RowProfile,
): Promise<ImportTally> {
  const bits = WARNING_NAMES.map((_, at) => `count(*) FILTER (warnings & ${1 << at} <> 0)`);
  const losers = await query(
    context,
    `SELECT _file_no, reason, count(*), ${bits.join(", ")} FROM ${removedTable(context)} GROUP BY _file_no, reason`,
  );
  let replacedRows = 0;
  let identicalRows = 0;
  for (const row of losers) {
    const fileNo = toCount(row[0]);
    const count = toCount(row[2]);
    if (fileNo < 0) {
      replacedRows += count;
      continue;
    }
    const reason = reasonOf(toCount(row[1]));
    // Rows with other reasons were counted by `profileRows`.
    if (!REPEATS.has(reason)) continue;
    if (reason === "identical-repeat") identicalRows += count;
    const tally = profile.tallies[fileNo]!;
    add(tally.quarantined, reason, count);
    // Only kept rows have warnings.
    for (const [at, warning] of WARNING_NAMES.entries()) add(tally.warnings, warning, -toCount(row[3 + at]));
  }
  const files = sources.map((source, at): FileReport => {
    const tally = profile.tallies[at]!;
    const lost = [...tally.quarantined.values()].reduce((sum, count) => sum + count, 0);
    return {
      path: source.path,
      status: "imported",
      in: tally.rows,
      kept: tally.rows - lost,
      quarantined: inOrder(tally.quarantined, REASON_NAMES),
      warnings: inOrder(tally.warnings, WARNING_NAMES),
    };
  });
  return { files, total: sumUp(files), replacedRows, identicalRows };
}

/** Counts above zero, in the documented order. */
function inOrder<K extends string>(
  counts: ReadonlyMap<K, number>,
  names: readonly K[],
): Record<string, number> {
  return Object.fromEntries(
    names.map((name) => [name, counts.get(name) ?? 0] as const).filter(([, n]) => n > 0),
  );
}

function sumUp(files: readonly FileReport[]): RowTally {
  const sum = <K extends string>(
    names: readonly K[],
    of: (file: FileReport) => Partial<Record<K, number>>,
  ) => {
    const counts = new Map<K, number>();
    for (const file of files) for (const name of names) add(counts, name, of(file)[name] ?? 0);
    return inOrder(counts, names);
  };
  return {
    in: files.reduce((total, file) => total + file.in, 0),
    kept: files.reduce((total, file) => total + file.kept, 0),
    quarantined: sum(REASON_NAMES, (file) => file.quarantined),
    warnings: sum(WARNING_NAMES, (file) => file.warnings),
  };
}
