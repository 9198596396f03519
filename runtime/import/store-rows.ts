import type { DatasetFile } from "../store/dataset.ts";
import { readSymbolIndex } from "../store/read-dataset.ts";
import { orderFiles } from "../store/symbol-index.ts";
import type { ImportPlan } from "./import-plan.ts";
import { assertSomethingKept } from "./import-rules.ts";
import type { ImportTask } from "./import-task.ts";
import { fileLayout } from "./next-record.ts";
import type { RowProfile } from "./profile-rows.ts";
import { recentBarsOf, type WrittenRecentBars } from "./recent-bars.ts";
import type { StagedGroup } from "./rows-view.ts";
import { tallyFiles, type ImportTally } from "./tally-files.ts";
import type { FileLayout } from "./write-bars.ts";
import { writeFiles, type WriteOutput } from "./write-files.ts";
import { writeQuarantine } from "./write-quarantine.ts";

const ROWS_PER_FILE = 3_000_000;

/** A smaller dataset is read so quickly that a copy of its recent bars would save nothing. */
const RECENT_ROWS_MIN = 1_000_000;

/** Everything an import has written to its staging folder, and the counts of its rows. */
export interface StoredRows extends WriteOutput {
  readonly layout: FileLayout;
  readonly tally: ImportTally;
  /** Staged path of the quarantine file; null if no row was quarantined. */
  readonly quarantinePath: string | null;
  /** All files of the dataset after the import, in order. */
  readonly files: readonly DatasetFile[];
  readonly recent: WrittenRecentBars | undefined;
}

/** Writes the good rows, the quarantined rows and the copy of recent bars to the staging folder. */
export async function storeRows(
  task: ImportTask,
  plan: ImportPlan,
  staged: readonly StagedGroup[],
  profile: RowProfile,
): Promise<StoredRows> {
  const { context, deps, request, existing, sources, paths } = task;
  const layout = fileLayout(plan);
  const before = existing?.files ?? [];
  const rowsPerFile = deps.rowsPerFile ?? ROWS_PER_FILE;
  const output = await writeFiles(context, plan, layout, profile, paths, before, rowsPerFile);
  const tally = await tallyFiles(context, sources, profile);
  assertSomethingKept(request.dataset, tally.total, tally.identicalRows, sources);
  const quarantinePath = await quarantine(task, plan, staged, tally);
  const files = orderFiles([
    ...before.filter((file) => !output.replacedPaths.has(file.path)),
    ...output.written.map((one) => one.file),
  ]);
  if (files.length === 0) throw new Error("a dataset has files");
  const recent =
    existing === undefined
      ? undefined
      : await context.stage("write", () =>
          recentBarsOf(context, layout, paths, output.written, {
            existing,
            index: readSymbolIndex(deps.dataDir, existing),
            files,
            rowsMin: deps.recentRowsMin ?? RECENT_ROWS_MIN,
          }),
        );
  return { ...output, layout, tally, quarantinePath, files, recent };
}

async function quarantine(
  { context }: ImportTask,
  plan: ImportPlan,
  staged: readonly StagedGroup[],
  { total, replacedRows }: ImportTally,
): Promise<string | null> {
  const counted = Object.values(total.quarantined).reduce((sum, n) => sum + n, 0) + replacedRows;
  if (counted === 0) return null;
  const { path, rowCount } = await context.stage("quarantine", () => writeQuarantine(context, plan, staged));
  if (rowCount !== counted) throw new Error(`${rowCount} rows were quarantined, but ${counted} were counted`);
  return path;
}
