import { join } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";
import type { DatasetPaths } from "../store/dataset-paths.ts";
import type { DatasetColumn, DatasetFile, DatasetRecord, ImportDefaults } from "../store/dataset.ts";
import { readSymbolIndex } from "../store/read-dataset.ts";
import { layoutOf, orderFiles, runsOfIndex, type SymbolRun } from "../store/symbol-index.ts";
import { checkedView, createCheckedView } from "./checked-rows.ts";
import { addCounts, commitImport } from "./commit-import.ts";
import { decideClocks, decideTimezone } from "./decide-clocks.ts";
import { describeSource } from "./describe-source.ts";
import { query, run, toCount, toNumber, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import type { InferredFact, ImportReport } from "./import-report.ts";
import type { ImportDeps, ImportRequest } from "./import-request.ts";
import { planImport } from "./plan-import.ts";
import { keyColumns, profileRows } from "./profile-rows.ts";
import { createRowsView, findTimeRange, rowsView, stageGroups, type StagedGroup } from "./rows-view.ts";
import { removedTable } from "./removed-rows.ts";
import { assertUnchanged, type SourceFile } from "./source-files.ts";
import { literals } from "./sql-text.ts";
import { tallyFiles } from "./tally-files.ts";
import type { FileLayout, WrittenFile } from "./write-bars.ts";
import { writeFiles } from "./write-files.ts";
import { writeQuarantine } from "./write-quarantine.ts";

const ROWS_PER_FILE = 3_000_000;

/** Imports files of which none is there yet; everything happens in the staging folder until the commit. */
export async function importNewFiles(
  context: ImportContext,
  request: ImportRequest,
  deps: ImportDeps,
  paths: DatasetPaths,
  existing: DatasetRecord | undefined,
  sources: readonly SourceFile[],
  now: Date,
): Promise<ImportReport> {
  const inferred: InferredFact[] = [];
  const rules = decideRules(request, existing);
  // Times are compared and printed in UTC whatever the machine's zone.
  await run(context, "SET TimeZone = 'UTC'");
  // Of two rows with one key the later counts, and sorted files are copied as they come.
  await run(context, "SET preserve_insertion_order = true");
  const timezone = decideTimezone(request, existing);
  const plan = await context.stage("inspect", async () => {
    const shapes = [];
    for (const file of sources) {
      shapes.push(await describeSource(context.connection, file, request));
      context.progress({ stage: "inspect", done: shapes.length, total: sources.length });
    }
    return await planImport(context.connection, shapes, request, existing, inferred);
  });
  let staged: readonly StagedGroup[] = [];
  try {
    staged = await context.stage("stage", () => stageGroups(context, plan));
    const { clocks, profile } = await context.stage("profile", async () => {
      const range = (await findTimeRange(context, staged)) ?? { from: 0, to: 0 };
      await createRowsView(context, plan, staged, timezone, rules, range);
      const found = await decideClocks(context, plan, request, existing, timezone, range, inferred);
      if (found !== null && found.timezone !== timezone) {
        await createRowsView(context, plan, staged, found.timezone, rules, range);
      }
      const warnings = await createCheckedView(context, plan, found, rules.strict, range);
      return { clocks: found, profile: await profileRows(context, plan, staged, warnings) };
    });
    const layout = fileLayout(plan);
    const output = await writeFiles(
      context,
      plan,
      layout,
      profile,
      paths,
      existing?.files ?? [],
      deps.rowsPerFile ?? ROWS_PER_FILE,
    );
    const tally = await tallyFiles(context, sources, profile);
    assertSomethingKept(request, tally.total, tally.identicalRows, sources);
    const quarantined =
      Object.values(tally.total.quarantined).reduce((sum, n) => sum + n, 0) + tally.replacedRows;
    const quarantine =
      quarantined === 0
        ? null
        : await context.stage("quarantine", () => writeQuarantine(context, plan, staged));
    if (quarantine !== null && quarantine.rowCount !== quarantined) {
      throw new Error(`${quarantine.rowCount} rows were quarantined, counted were ${quarantined}`);
    }
    assertUnchanged(sources);
    return await context.stage("commit", async () => {
      const files = orderFiles([
        ...(existing?.files ?? []).filter((file) => !output.replacedPaths.has(file.path)),
        ...output.written.map((one) => one.file),
      ]);
      if (files.length === 0) throw new Error("a dataset has files");
      const record = commitImport(deps.dataDir, paths, {
        facts: {
          name: request.dataset,
          kind: plan.kind,
          knownTime: plan.bitemporal ? "known_at" : null,
          sources: [
            ...(existing?.sources ?? []),
            ...sources.map((file, at) => ({
              path: file.path,
              sha256: file.sha256,
              size: file.size,
              mtimeMs: file.mtimeMs,
              inode: file.inode,
              symbol: symbolGiven(plan, at),
              rowCount: tally.files[at]!.in,
              importId: context.importId,
            })),
          ],
          counts: addCounts(existing?.counts, {
            ...tally.total,
            kept: tally.total.kept - tally.replacedRows,
            quarantined: {
              ...tally.total.quarantined,
              ...(tally.replacedRows === 0
                ? {}
                : { superseded: (tally.total.quarantined.superseded ?? 0) + tally.replacedRows }),
            },
          }),
          importedAt: now.toISOString(),
          rules,
          defaults: defaultsOf(request),
        },
        columns: columnsOf(layout, output.written, existing),
        clocks,
        layout: layoutOf(files, plan.bitemporal),
        files,
        runs: await runsOf(context, deps, existing, output.written, output.replacedPaths, files),
        latestKnownAt: plan.bitemporal ? await latestKnownAt(context, existing, output.written) : null,
        written: output.written,
        quarantine:
          quarantine === null ? null : { stagedPath: quarantine.path, name: `${context.importId}.parquet` },
      });
      return {
        dataset: record.name,
        kind: record.kind,
        layout: record.layout,
        importId: context.importId,
        changed: record.fingerprint !== existing?.fingerprint,
        fingerprint: record.fingerprint,
        files: tally.files,
        total: tally.total,
        replacedRows: tally.replacedRows,
        datasetRows: record.rowCount,
        symbolCount: record.index.symbolCount,
        inferred,
        stages: [],
        written: output.written.map(({ file }) => ({
          path: join(record.name, file.path),
          rowCount: file.rowCount,
          byteLength: file.byteLength,
        })),
        quarantineFile:
          quarantine === null ? null : join(record.name, "quarantine", `${context.importId}.parquet`),
      };
    });
  } finally {
    // A failure here must not hide the one that ended the import, and the names are of no other import.
    await dropAll(context, staged).catch(() => undefined);
  }
}

function decideRules(request: ImportRequest, existing: DatasetRecord | undefined): DatasetRecord["rules"] {
  const rules = {
    allowNonPositivePrices: request.allowNonPositivePrices ?? existing?.rules.allowNonPositivePrices ?? false,
    strict: request.strict ?? existing?.rules.strict ?? false,
  };
  for (const name of ["allowNonPositivePrices", "strict"] as const) {
    if (existing === undefined || rules[name] === existing.rules[name]) continue;
    throw new QuiverError(
      "dataset-conflict",
      `Cannot import into the dataset ${existing.name} with ${name} ${rules[name]}: its rows so far were checked with ${name} ${existing.rules[name]}. Leave the option out, or import into a dataset of its own.`,
      { dataset: existing.name, rule: name },
    );
  }
  return rules;
}

function fileLayout(plan: ImportPlan): FileLayout {
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

function assertSomethingKept(
  request: ImportRequest,
  total: {
    readonly in: number;
    readonly kept: number;
    readonly quarantined: Readonly<Record<string, number>>;
  },
  identicalRows: number,
  sources: readonly SourceFile[],
): void {
  // Rows that are all there already are no failure: the files are merely other copies.
  if (total.kept > 0 || identicalRows > 0) return;
  const what = sources.length === 1 ? sources[0]!.path : `${sources.length} files`;
  if (total.in === 0) {
    throw new QuiverError(
      "source-empty",
      `Cannot import ${what} into ${request.dataset}: there is no row of data. Expected at least one.`,
      {},
    );
  }
  const reasons = Object.entries(total.quarantined)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(", ");
  throw new QuiverError(
    "nothing-imported",
    `Cannot import ${what} into ${request.dataset}: of ${total.in} rows none could be kept (${reasons}). Nothing was changed; check the columns and their mapping.`,
    { in: total.in, quarantined: total.quarantined },
  );
}

function symbolGiven(plan: ImportPlan, fileNo: number): string | null {
  const group = plan.groups.find(
    ({ firstFile, files }) => fileNo >= firstFile && fileNo < firstFile + files.length,
  );
  return group?.symbols?.[fileNo - group.firstFile] ?? null;
}

function columnsOf(
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

/** Runs of symbols over all files: from the index where files were only added, else read again. */
async function runsOf(
  context: ImportContext,
  deps: ImportDeps,
  existing: DatasetRecord | undefined,
  written: readonly WrittenFile[],
  replacedPaths: ReadonlySet<string>,
  files: readonly DatasetFile[],
): Promise<SymbolRun[]> {
  const added = written.flatMap((file) => file.runs);
  if (existing === undefined) return added;
  if (replacedPaths.size === 0) return [...runsOfIndex(readSymbolIndex(deps.dataDir, existing)), ...added];
  const dir = datasetDir(deps.dataDir, existing);
  const kept = files.filter((file) => existing.files.some((before) => before.path === file.path));
  if (kept.length === 0) return added;
  const unit =
    existing.clocks?.intervalSeconds === "1d"
      ? (x: string) => `CAST(${x} - DATE '1970-01-01' AS INTEGER)`
      : (x: string) => `epoch_us(${x})`;
  const times = existing.eventTime === null ? "NULL, NULL" : `${unit("min(ts)")}, ${unit("max(ts)")}`;
  const rows = await query(
    context,
    `SELECT symbol, count(*), ${times} FROM read_parquet(${literals(kept.map((file) => join(dir, file.path)))}) GROUP BY symbol`,
  );
  return [
    ...rows.map((row) => ({
      symbol: String(row[0]),
      rowCount: toCount(row[1]),
      firstTs: toNumber(row[2]),
      lastTs: toNumber(row[3]),
    })),
    ...added,
  ];
}

function datasetDir(dataDir: string, record: DatasetRecord): string {
  return join(dataDir, record.name);
}

async function latestKnownAt(
  context: ImportContext,
  existing: DatasetRecord | undefined,
  written: readonly WrittenFile[],
): Promise<number | null> {
  if (written.length === 0) return existing?.latestKnownTime ?? null;
  const paths = literals(written.map((file) => file.stagedPath));
  const [row] = await query(context, `SELECT epoch_us(max(known_at)) FROM read_parquet(${paths})`);
  const latest = toNumber(row?.[0]);
  const before = existing?.latestKnownTime ?? null;
  return latest === null || before === null ? (latest ?? before) : Math.max(latest, before);
}

function defaultsOf(request: ImportRequest): ImportDefaults {
  const { timezone, mapping, ignore, columns, separator, symbolPattern, knownAt, timeFormat, priceScale } =
    request;
  return Object.fromEntries(
    Object.entries({
      timezone,
      mapping,
      ignore,
      columns,
      separator,
      symbolPattern,
      knownAt,
      timeFormat,
      priceScale,
    }).filter(([, value]) => value !== undefined),
  );
}

/** The engine outlives the import: nothing of it stays there. */
async function dropAll(context: ImportContext, staged: readonly StagedGroup[]): Promise<void> {
  const drops = [
    `DROP VIEW IF EXISTS ${checkedView(context)}`,
    `DROP VIEW IF EXISTS ${rowsView(context)}`,
    `DROP TABLE IF EXISTS ${removedTable(context)}`,
    `DROP TABLE IF EXISTS ${context.prefix}_contested`,
    ...staged.flatMap(({ from, rejects }) => [
      ...(from.startsWith("(") ? [] : [`DROP VIEW IF EXISTS ${from}`]),
      ...(rejects === null
        ? []
        : [`DROP TABLE IF EXISTS ${rejects.errors}`, `DROP TABLE IF EXISTS ${rejects.scans}`]),
    ]),
  ];
  for (const sql of drops) await context.connection.run(sql);
}
