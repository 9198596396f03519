import type { ImportReport, InferredFact } from "../../shared/protocol/import.ts";
import type { Clocks } from "../../shared/time/clocks.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import { checkedView, createCheckedView } from "./checked-rows.ts";
import { commitRows } from "./commit-rows.ts";
import { decideClocks, decideTimezone } from "./decide-clocks.ts";
import { describeSources } from "./describe-source.ts";
import { run, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import { decideRules } from "./import-rules.ts";
import type { ImportTask } from "./import-task.ts";
import { planImport } from "./plan-import.ts";
import { profileRows, type RowProfile } from "./profile-rows.ts";
import { refuseIdleColumns, refuseIdlePattern } from "./refuse-idle-options.ts";
import { removedTable } from "./removed-rows.ts";
import { createRowsView, findTimeRange, rowsView, stageGroups, type StagedGroup } from "./rows-view.ts";
import { assertUnchanged } from "./source-files.ts";
import { storeRows } from "./store-rows.ts";
import { withoutForeignNames } from "./with-defaults.ts";

/** Imports files that the dataset does not have yet. Everything stays in the staging folder until the commit. */
export async function importNewFiles(task: ImportTask): Promise<ImportReport> {
  const { context, request, existing } = task;
  const inferred: InferredFact[] = [];
  const rules = decideRules(request, existing);
  const timezone = decideTimezone(request, existing);
  // Times are compared and printed in UTC, whatever zone the machine is in.
  await run(context, "SET TimeZone = 'UTC'");
  // Of two rows with the same key the later one is kept, and sorted files are copied as they are.
  await run(context, "SET preserve_insertion_order = true");
  const plan = await context.stage("inspect", () => inspectSources(task, inferred));
  let staged: readonly StagedGroup[] = [];
  try {
    staged = await context.stage("stage", () => stageGroups(context, plan));
    const { clocks, profile } = await context.stage("profile", () =>
      checkRows(task, plan, staged, { rules, timezone, inferred }),
    );
    const stored = await storeRows(task, plan, staged, profile);
    assertUnchanged(task.sources);
    return await context.stage("commit", () => commitRows(task, plan, stored, { rules, clocks, inferred }));
  } finally {
    // A failure here must not hide the one that ended the import, and no other import uses these names.
    await dropAll(context, staged).catch(() => undefined);
  }
}

/** Decides from the beginnings of the files how all of them are read. */
async function inspectSources(
  { context, request, existing, sources }: ImportTask,
  inferred: InferredFact[],
): Promise<ImportPlan> {
  const shapes = await describeSources(context.connection, sources, request, (done) =>
    context.progress({ stage: "inspect", done, total: sources.length }),
  );
  refuseIdleColumns(request, existing, shapes);
  const wanted = withoutForeignNames(request, existing, shapes);
  const plan = await planImport(context.connection, shapes, wanted, existing, inferred);
  refuseIdlePattern(request, existing, plan.groups);
  return plan;
}

/** Decides the clocks, checks every row by itself and counts the results. */
async function checkRows(
  { context, request, existing }: ImportTask,
  plan: ImportPlan,
  staged: readonly StagedGroup[],
  facts: { rules: DatasetRecord["rules"]; timezone: string; inferred: InferredFact[] },
): Promise<{ clocks: Clocks | null; profile: RowProfile }> {
  const { rules, timezone, inferred } = facts;
  const range = (await findTimeRange(context, staged)) ?? { from: 0, to: 0 };
  await createRowsView(context, plan, staged, timezone, rules, range);
  const clocks = await decideClocks(context, plan, request, existing, timezone, range, inferred);
  if (clocks !== null && clocks.timezone !== timezone) {
    await createRowsView(context, plan, staged, clocks.timezone, rules, range);
  }
  const warnings = await createCheckedView(context, plan, clocks, rules.strict, range);
  return { clocks, profile: await profileRows(context, plan, staged, warnings) };
}

/** Drops what the import created in the engine, which outlives it. */
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
