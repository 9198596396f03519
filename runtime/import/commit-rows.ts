import { join } from "node:path";
import type { ImportReport, InferredFact } from "../../shared/protocol/import.ts";
import type { Clocks } from "../../shared/time/clocks.ts";
import type { DatasetRecord, ImportCounts } from "../store/dataset.ts";
import { layoutOf } from "../store/symbol-index.ts";
import { addCounts, commitImport } from "./commit-import.ts";
import type { ImportPlan } from "./import-plan.ts";
import type { ImportTask } from "./import-task.ts";
import { columnsOf, defaultsOf, latestKnownAt, runsOf, sourcesOf } from "./next-record.ts";
import type { StoredRows } from "./store-rows.ts";
import type { ImportTally } from "./tally-files.ts";

/** What was decided about the rows, in addition to the plan. */
export interface RowDecisions {
  readonly rules: DatasetRecord["rules"];
  readonly clocks: Clocks | null;
  readonly inferred: readonly InferredFact[];
}

/** Makes the stored rows the dataset's new state, and reports what the import did. */
export async function commitRows(
  { context, deps, request, existing, sources, paths, now }: ImportTask,
  plan: ImportPlan,
  { written, changes, layout, tally, quarantinePath, files, recent }: StoredRows,
  { rules, clocks, inferred }: RowDecisions,
): Promise<ImportReport> {
  const { importId } = context;
  const quarantineName = `${importId}.parquet`;
  const record = commitImport(deps.dataDir, paths, {
    facts: {
      name: request.dataset,
      kind: plan.kind,
      knownTime: plan.bitemporal ? "known_at" : null,
      sources: [...(existing?.sources ?? []), ...sourcesOf(plan, importId, sources, tally.files)],
      counts: addCounts(existing?.counts, countsOf(tally)),
      importedAt: now.toISOString(),
      rules,
      defaults: defaultsOf(request),
    },
    columns: columnsOf(layout, written, existing),
    clocks,
    layout: layoutOf(files, plan.bitemporal),
    files,
    recent,
    runs: await runsOf(context, deps.dataDir, layout, existing, written, files),
    latestKnownAt: plan.bitemporal ? await latestKnownAt(context, existing, written) : null,
    written,
    existing,
    changes,
    quarantine: quarantinePath === null ? null : { stagedPath: quarantinePath, name: quarantineName },
  });
  return {
    dataset: record.name,
    kind: record.kind,
    layout: record.layout,
    importId,
    changed: record.fingerprint !== existing?.fingerprint,
    fingerprint: record.fingerprint,
    files: tally.files,
    total: tally.total,
    replacedRows: tally.replacedRows,
    datasetRows: record.rowCount,
    symbolCount: record.index.symbolCount,
    inferred: distinct(inferred),
    stages: [],
    written: written.map(({ file }) => ({
      path: join(record.name, file.path),
      rowCount: file.rowCount,
      byteLength: file.byteLength,
    })),
    quarantineFile: quarantinePath === null ? null : join(record.name, "quarantine", quarantineName),
  };
}

/** Rows of earlier imports that this one replaced were counted as kept; now they count as superseded. */
function countsOf({ total, replacedRows }: ImportTally): ImportCounts {
  const superseded = (total.quarantined.superseded ?? 0) + replacedRows;
  return {
    ...total,
    kept: total.kept - replacedRows,
    quarantined: { ...total.quarantined, ...(superseded === 0 ? {} : { superseded }) },
  };
}

/** Groups of files often yield the same facts. */
function distinct(facts: readonly InferredFact[]): InferredFact[] {
  return [...new Map(facts.map((fact) => [JSON.stringify(fact), fact])).values()];
}
