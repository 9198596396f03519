import { existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { createHash } from "node:crypto";
import { QuiverError } from "../../shared/errors/index.ts";
import { datasetPaths, type DatasetPaths } from "../store/dataset-paths.ts";
import { findDataset } from "../store/read-dataset.ts";
import { removeLeftovers } from "../store/remove-leftovers.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import { refuseContradictions } from "./refuse-contradictions.ts";
import type { ImportContext } from "./import-context.ts";
import { toImportError } from "./import-errors.ts";
import type { ImportDeps } from "./import-deps.ts";
import type { FileReport, ImportReport, ImportRequest, ImportStage } from "../../shared/protocol/import.ts";
import { importNewFiles } from "./import-new-files.ts";
import { withDefaults } from "./with-defaults.ts";
import { examineSources, type SourceFile } from "./source-files.ts";

const ONE_STEP: ReadonlySet<ImportStage> = new Set(["profile", "partition", "quarantine", "commit"]);

/** Files of a replaced record stay this long, for its readers. */
const GRACE_MS = 10 * 60_000;

/**
 * Imports files into a dataset: reads and checks the rows, resolves repeated keys, writes canonical Parquet, and commits
 * by replacing `dataset.json`. Files that were imported before change nothing. After a failure the dataset is as it was
 * before. The caller holds the data directory's lock, and runs one import at a time on a connection.
 */
export async function importFiles(request: ImportRequest, deps: ImportDeps): Promise<ImportReport> {
  const { dataDir, signal } = deps;
  const paths = datasetPaths(dataDir, request.dataset);
  refuseContradictions(request);
  if (request.files.length === 0) {
    throw new QuiverError(
      "source-missing",
      `Cannot import into ${request.dataset}: no file was given. Expected paths of CSV or Parquet files.`,
    );
  }
  const seconds = new Map<ImportStage, number>();
  const onProgress = deps.onProgress ?? (() => undefined);
  const now = (deps.now ?? (() => new Date()))();
  const stopAtAbort = () => deps.connection.interrupt();
  signal?.addEventListener("abort", stopAtAbort);
  let doing = `importing into ${request.dataset}`;
  try {
    signal?.throwIfAborted();
    const existing = findDataset(dataDir, request.dataset);
    const merged = withDefaults(request, existing);
    removeLeftovers(dataDir, request.dataset, GRACE_MS, now.getTime());
    const files = await timed(seconds, "fingerprint", () =>
      examineSources(
        request.files.map((path) => resolve(path)),
        existing?.sources ?? [],
        (done) => onProgress({ stage: "fingerprint", done, total: request.files.length }),
        signal,
      ),
    );
    const { fresh, repeated } = sortOut(files, existing, merged);
    if (fresh.length === 0 && existing !== undefined) return unchanged(existing, repeated, seconds);
    const importId = makeImportId(now, fresh, merged.symbol, existing);
    const context: ImportContext = {
      connection: deps.connection,
      importId,
      prefix: `import_${importId.replaceAll(/[^0-9a-zA-Z]/g, "_")}`,
      staging: join(paths.staging, importId),
      signal,
      stage(stage, step) {
        doing = `importing into ${request.dataset} (${stage})`;
        // The other stages report each step.
        if (ONE_STEP.has(stage)) onProgress({ stage, done: 0, total: 1 });
        return timed(seconds, stage, async () => {
          const result = await step();
          signal?.throwIfAborted();
          return result;
        });
      },
      progress: onProgress,
    };
    mkdirSync(context.staging, { recursive: true });
    mkdirSync(paths.bars, { recursive: true });
    const report = await importNewFiles({
      context,
      deps,
      request: merged,
      sources: fresh,
      paths,
      existing,
      now,
    });
    return { ...report, files: inOrder(files, [...report.files, ...repeated]), stages: stagesOf(seconds) };
  } catch (error) {
    throw toImportError(error, doing, signal);
  } finally {
    signal?.removeEventListener("abort", stopAtAbort);
    cleanUp(dataDir, paths);
  }
}

/** Removes unfinished files. If this fails too, the next start removes them. */
function cleanUp(dataDir: string, paths: DatasetPaths): void {
  try {
    rmSync(paths.staging, { recursive: true, force: true });
    if (!existsSync(paths.record)) removeLeftovers(dataDir, basename(paths.dir));
  } catch {
    // The cause also made the import fail, which is reported.
  }
}

/** Splits the files into new ones and reports on those imported before. Equal content given twice is imported once. */
function sortOut(
  files: readonly SourceFile[],
  existing: DatasetRecord | undefined,
  request: ImportRequest,
): { fresh: SourceFile[]; repeated: FileReport[] } {
  // The same bytes under a different symbol are different rows.
  const identity = (sha256: string, symbol: string | null | undefined) => `${sha256} ${symbol ?? ""}`;
  const known = new Set(existing?.sources.map((source) => identity(source.sha256, source.symbol)));
  const withoutSymbol = new Set(existing?.sources.map((source) => source.sha256));
  const fresh: SourceFile[] = [];
  const repeated: FileReport[] = [];
  for (const file of files) {
    const isKnown =
      request.symbol === undefined
        ? withoutSymbol.has(file.sha256)
        : known.has(identity(file.sha256, request.symbol));
    if (isKnown) {
      repeated.push({
        path: file.path,
        status: "already-imported",
        in: 0,
        kept: 0,
        quarantined: {},
        warnings: {},
      });
    } else {
      fresh.push(file);
      known.add(identity(file.sha256, request.symbol));
      withoutSymbol.add(file.sha256);
    }
  }
  return { fresh, repeated };
}

function unchanged(
  existing: DatasetRecord,
  files: readonly FileReport[],
  seconds: Map<ImportStage, number>,
): ImportReport {
  return {
    dataset: existing.name,
    kind: existing.kind,
    layout: existing.layout,
    importId: null,
    changed: false,
    fingerprint: existing.fingerprint,
    files,
    total: { in: 0, kept: 0, quarantined: {}, warnings: {} },
    replacedRows: 0,
    datasetRows: existing.rowCount,
    symbolCount: existing.index.symbolCount,
    inferred: [],
    stages: stagesOf(seconds),
    written: [],
    quarantineFile: null,
  };
}

/** A unique id: the UTC time, so that ids sort, and a short hash over the files and the dataset before. */
function makeImportId(
  now: Date,
  files: readonly SourceFile[],
  symbol: string | undefined,
  existing: DatasetRecord | undefined,
): string {
  const time = now
    .toISOString()
    .replaceAll(/[-:]/g, "")
    .replace(/\.\d+Z$/, "Z");
  const facts = [
    ...files.map((file) => file.sha256),
    symbol,
    existing?.fingerprint,
    existing?.sources.length,
  ];
  return `${time}-${createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 8)}`;
}

function inOrder(files: readonly SourceFile[], reports: readonly FileReport[]): FileReport[] {
  const rest = [...reports];
  return files.flatMap((file) => {
    const at = rest.findIndex((report) => report.path === file.path);
    return at < 0 ? [] : rest.splice(at, 1);
  });
}

function stagesOf(seconds: ReadonlyMap<ImportStage, number>): ImportReport["stages"] {
  return [...seconds].map(([stage, value]) => ({ stage, seconds: value }));
}

async function timed<T>(
  seconds: Map<ImportStage, number>,
  stage: ImportStage,
  step: () => Promise<T>,
): Promise<T> {
  const start = performance.now();
  try {
    return await step();
  } finally {
    seconds.set(stage, (seconds.get(stage) ?? 0) + (performance.now() - start) / 1000);
  }
}
