import { join } from "node:path";
import { compareCodePoints } from "../store/compare-code-points.ts";
import type { DatasetPaths } from "../store/dataset-paths.ts";
import type { DatasetFile } from "../store/dataset.ts";
import { findChanges, type ImportedChanges } from "./find-changes.ts";
import { query, toNumber, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import { planBuckets } from "./plan-buckets.ts";
import type { RowProfile } from "./profile-rows.ts";
import { removedTable, withoutRemoved } from "./removed-rows.ts";
import { overlappingFiles, settleRepeats } from "./settle-repeats.ts";
import { quoteText } from "../../shared/sql-text.ts";
import { writeBarsFile, type FileLayout, type WrittenFile } from "./write-bars.ts";

export interface WriteOutput {
  readonly written: readonly WrittenFile[];
  readonly changes: ImportedChanges;
  /** Paths, relative to the dataset, of old files that rewritten ones replace. */
  readonly replacedPaths: ReadonlySet<string>;
}

/** Writes the good rows, one range of symbols at a time, and rewrites stored files whose rows they replace. */
export async function writeFiles(
  context: ImportContext,
  plan: ImportPlan,
  layout: FileLayout,
  profile: RowProfile,
  paths: DatasetPaths,
  storedFiles: readonly DatasetFile[],
  rowsPerFile: number,
): Promise<WriteOutput> {
  if (profile.goodRowCount === 0)
    return {
      written: [],
      changes: { added: { symbols: [], firstTs: [] }, changed: {} },
      replacedPaths: new Set(),
    };
  const buckets = await planBuckets(context, profile, rowsPerFile);
  return await context.stage("write", async () => {
    const near =
      storedFiles.length === 0
        ? []
        : overlappingFiles(storedFiles, await boundsOf(context, plan, profile.good));
    const pending: { finish(): Promise<WrittenFile> }[] = [];
    const write = async (from: string, isSorted: boolean) => {
      const name = `${context.importId}-${String(pending.length + 1).padStart(4, "0")}.parquet`;
      const file = await writeBarsFile(context, layout, from, isSorted, name);
      if (file !== undefined) pending.push(file);
    };
    for (const [at, bucket] of buckets.entries()) {
      const hasRepeats = await settleRepeats(context, plan, bucket, profile, {
        dir: paths.dir,
        files: near,
      });
      await write(
        hasRepeats ? withoutRemoved(context, bucket.from) : bucket.from,
        bucket.isSorted && !hasRepeats,
      );
      context.progress({ stage: "write", done: at + 1, total: buckets.length });
    }
    const addedCount = pending.length;
    const replaced = await replacedFiles(context, paths, near);
    for (const file of replaced) await write(withoutReplaced(context, paths, file), false);
    const written = await Promise.all(pending.map((file) => file.finish()));
    return {
      written,
      changes: await findChanges(context, plan, written.slice(0, addedCount), {
        dir: paths.dir,
        files: near,
      }),
      replacedPaths: new Set(replaced.map((file) => file.path)),
    };
  });
}

/** The range of the good rows' keys, which tells the stored files that they may affect. */
async function boundsOf(
  context: ImportContext,
  plan: ImportPlan,
  good: string,
): Promise<{ firstSymbol: string; lastSymbol: string; firstTs: number | null; lastTs: number | null }> {
  const unit = (sql: string) =>
    plan.daily ? `CAST(${sql} - DATE '1970-01-01' AS INTEGER)` : `epoch_us(${sql})`;
  const times = plan.kind === "attributes" ? "NULL, NULL" : `${unit("min(ts)")}, ${unit("max(ts)")}`;
  const [row] = await query(context, `SELECT min(symbol), max(symbol), ${times} FROM ${good}`);
  return {
    firstSymbol: String(row?.[0]),
    lastSymbol: String(row?.[1]),
    firstTs: toNumber(row?.[2]),
    lastTs: toNumber(row?.[3]),
  };
}

async function replacedFiles(
  context: ImportContext,
  paths: DatasetPaths,
  near: readonly DatasetFile[],
): Promise<DatasetFile[]> {
  if (near.length === 0) return [];
  const rows = await query(
    context,
    `SELECT DISTINCT _stored_path FROM ${removedTable(context)} WHERE _stored_path IS NOT NULL`,
  );
  const touched = new Set(rows.map((row) => String(row[0])));
  return near
    .filter((file) => touched.has(join(paths.dir, file.path)))
    .toSorted((a, b) => compareCodePoints(a.path, b.path));
}

function withoutReplaced(context: ImportContext, paths: DatasetPaths, file: DatasetFile): string {
  const path = quoteText(join(paths.dir, file.path));
  return `(SELECT * EXCLUDE (_row_no) FROM (SELECT *, file_row_number AS _row_no FROM read_parquet(${path}))
    ANTI JOIN (SELECT _row_no FROM ${removedTable(context)} WHERE _stored_path = ${path}) USING (_row_no))`;
}
