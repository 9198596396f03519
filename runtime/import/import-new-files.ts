import { join } from "node:path";
import type { DatasetPaths } from "../store/dataset-paths.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import { readSymbolIndex } from "../store/read-dataset.ts";
import { layoutOf, orderFiles } from "../store/symbol-index.ts";
import { checkedView, createCheckedView } from "./checked-rows.ts";
import { addCounts, commitImport } from "./commit-import.ts";
import { decideClocks, decideTimezone } from "./decide-clocks.ts";
import { describeSources } from "./describe-source.ts";
import { run, type ImportContext } from "./import-context.ts";
import type { ImportReport, ImportRequest, InferredFact } from "../../shared/protocol/import.ts";
import type { ImportDeps } from "./import-deps.ts";
import { assertSomethingKept, decideRules } from "./import-rules.ts";
import { columnsOf, defaultsOf, fileLayout, latestKnownAt, runsOf, sourcesOf } from "./next-record.ts";
import { planImport } from "./plan-import.ts";
import { profileRows } from "./profile-rows.ts";
import { recentBarsOf } from "./recent-bars.ts";
import { refuseIdleColumns, refuseIdlePattern } from "./refuse-idle-options.ts";
import { removedTable } from "./removed-rows.ts";
import { createRowsView, findTimeRange, rowsView, stageGroups, type StagedGroup } from "./rows-view.ts";
import { assertUnchanged, type SourceFile } from "./source-files.ts";
import { tallyFiles } from "./tally-files.ts";
import { withoutForeignNames } from "./with-defaults.ts";
import { writeFiles } from "./write-files.ts";
import { writeQuarantine } from "./write-quarantine.ts";

const ROWS_PER_FILE = 3_000_000;

/** Reading all of a smaller dataset takes no time worth saving. */
const RECENT_ROWS_MIN = 1_000_000;

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
    const shapes = await describeSources(context.connection, sources, request, (done) =>
      context.progress({ stage: "inspect", done, total: sources.length }),
    );
    refuseIdleColumns(request, existing, shapes);
    const wanted = withoutForeignNames(request, existing, shapes);
    const planned = await planImport(context.connection, shapes, wanted, existing, inferred);
    refuseIdlePattern(request, existing, planned.groups);
    return planned;
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
    assertSomethingKept(request.dataset, tally.total, tally.identicalRows, sources);
    const quarantined =
      Object.values(tally.total.quarantined).reduce((sum, n) => sum + n, 0) + tally.replacedRows;
    const quarantine =
      quarantined === 0
        ? null
        : await context.stage("quarantine", () => writeQuarantine(context, plan, staged));
    if (quarantine !== null && quarantine.rowCount !== quarantined) {
      throw new Error(`${quarantine.rowCount} rows were quarantined, counted were ${quarantined}`);
    }
    const files = orderFiles([
      ...(existing?.files ?? []).filter((file) => !output.replacedPaths.has(file.path)),
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
    assertUnchanged(sources);
    return await context.stage("commit", async () => {
      const record = commitImport(deps.dataDir, paths, {
        facts: {
          name: request.dataset,
          kind: plan.kind,
          knownTime: plan.bitemporal ? "known_at" : null,
          sources: [...(existing?.sources ?? []), ...sourcesOf(plan, context.importId, sources, tally.files)],
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
        recent,
        runs: await runsOf(context, deps.dataDir, layout, existing, output.written, files),
        latestKnownAt: plan.bitemporal ? await latestKnownAt(context, existing, output.written) : null,
        written: output.written,
        existing,
        changes: output.changes,
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
        inferred: distinct(inferred),
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

/** Runs of files tell the same facts. */
function distinct(facts: readonly InferredFact[]): InferredFact[] {
  return [...new Map(facts.map((fact) => [JSON.stringify(fact), fact])).values()];
}
