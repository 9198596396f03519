import { join } from "node:path";
import { defined } from "../../shared/defined.ts";
import type {
  DatasetColumn,
  DatasetFile,
  DatasetRecord,
  DatasetSource,
  ImportDefaults,
} from "../store/dataset.ts";
import { readSymbolIndex } from "../store/read-dataset.ts";
import { runsOfIndex, type SymbolRun } from "../store/symbol-index.ts";
import type { FileReport, ImportRequest } from "../../shared/protocol/import.ts";
import { query, toNumber, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import { keyColumns } from "./profile-rows.ts";
import type { SourceFile } from "./source-files.ts";
import { quoteTexts } from "../../shared/sql-text.ts";
import { symbolRuns, type FileLayout, type WrittenFile } from "./write-bars.ts";

/** The columns of the files that an import writes, with the key first. */
export function fileLayout(plan: ImportPlan): FileLayout {
  return {
    keys: keyColumns(plan),
    columns: [
      { name: "symbol", type: "utf8" },
      ...(plan.kind === "attributes"
        ? []
        : [{ name: "ts", type: plan.daily ? ("date32" as const) : ("timestamp" as const) }]),
      ...(plan.bitemporal ? [{ name: "known_at", type: "timestamp" as const }] : []),
      ...plan.values,
    ],
  };
}

/** The dataset's columns after the import: those before it, or else as written. A column stays nullable forever. */
export function columnsOf(
  layout: FileLayout,
  written: readonly WrittenFile[],
  existing: DatasetRecord | undefined,
): DatasetColumn[] {
  const nullableBefore = new Set(
    existing?.columns.filter((column) => column.nullable).map((column) => column.name),
  );
  const columns = existing?.columns ?? layout.columns;
  return columns.map(({ name, type }) => ({
    name,
    type,
    nullable: nullableBefore.has(name) || written.some((file) => file.nullableColumns.has(name)),
  }));
}

export function sourcesOf(
  plan: ImportPlan,
  importId: string,
  files: readonly SourceFile[],
  reports: readonly FileReport[],
): DatasetSource[] {
  return files.map((file, at) => ({
    path: file.path,
    sha256: file.sha256,
    size: file.size,
    mtimeMs: file.mtimeMs,
    inode: file.inode,
    symbol: symbolGiven(plan, at),
    rowCount: reports[at]!.in,
    importId,
  }));
}

function symbolGiven(plan: ImportPlan, fileNo: number): string | null {
  const group = plan.groups.find(
    ({ firstFile, files }) => fileNo >= firstFile && fileNo < firstFile + files.length,
  );
  return group?.symbols?.[fileNo - group.firstFile] ?? null;
}

/** Runs of symbols over all files: from the index if files were only added, else read from the files again. */
export async function runsOf(
  context: ImportContext,
  dataDir: string,
  layout: FileLayout,
  existing: DatasetRecord | undefined,
  written: readonly WrittenFile[],
  files: readonly DatasetFile[],
): Promise<SymbolRun[]> {
  const added = written.flatMap((file) => file.runs);
  if (existing === undefined) return added;
  const now = new Set(files.map((file) => file.path));
  const kept = existing.files.filter((file) => now.has(file.path));
  if (kept.length === existing.files.length)
    return [...runsOfIndex(readSymbolIndex(dataDir, existing)), ...added];
  if (kept.length === 0) return added;
  const paths = kept.map((file) => join(dataDir, existing.name, file.path));
  return [...(await symbolRuns(context, layout, paths)), ...added];
}

/** The latest known time of a bitemporal dataset, in microseconds. */
export async function latestKnownAt(
  context: ImportContext,
  existing: DatasetRecord | undefined,
  written: readonly WrittenFile[],
): Promise<number | null> {
  if (written.length === 0) return existing?.latestKnownTime ?? null;
  const paths = quoteTexts(written.map((file) => file.stagedPath));
  const [row] = await query(context, `SELECT epoch_us(max(known_at)) FROM read_parquet(${paths})`);
  const latest = toNumber(row?.[0]);
  const before = existing?.latestKnownTime ?? null;
  return latest === null || before === null ? (latest ?? before) : Math.max(latest, before);
}

/** The options that later imports use if they do not give their own. */
export function defaultsOf(request: ImportRequest): ImportDefaults {
  const { timezone, mapping, ignore, columns, separator, symbolPattern, knownAt, timeFormat, priceScale } =
    request;
  return defined({
    timezone,
    mapping,
    ignore,
    columns,
    separator,
    symbolPattern,
    knownAt,
    timeFormat,
    priceScale,
  });
}
