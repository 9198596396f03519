import { QuiverError } from "../../shared/errors/index.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { ImportRequest, RowTally } from "../../shared/protocol/import.ts";
import type { SourceFile } from "./source-files.ts";

/** The rules by which rows are checked. A later import cannot change those of the dataset. */
export function decideRules(
  request: ImportRequest,
  existing: DatasetRecord | undefined,
): DatasetRecord["rules"] {
  const rules = {
    allowNonPositivePrices: request.allowNonPositivePrices ?? existing?.rules.allowNonPositivePrices ?? false,
    strict: request.strict ?? existing?.rules.strict ?? false,
  };
  for (const name of ["allowNonPositivePrices", "strict"] as const) {
    if (existing === undefined || rules[name] === existing.rules[name]) continue;
    throw new QuiverError(
      "dataset-conflict",
      `Cannot import into the dataset ${existing.name} with ${name} ${rules[name]}: its existing rows were checked with ${name} ${existing.rules[name]}. Leave the option out, or import into a separate dataset.`,
      { dataset: existing.name, rule: name },
    );
  }
  return rules;
}

/** Refuses an import of which no row is kept, unless the dataset already has these rows. */
export function assertSomethingKept(
  dataset: string,
  total: RowTally,
  identicalRows: number,
  sources: readonly SourceFile[],
): void {
  if (total.kept > 0 || identicalRows > 0) return;
  const what = sources.length === 1 ? sources[0]!.path : `${sources.length} files`;
  if (total.in === 0) {
    throw new QuiverError(
      "source-empty",
      `Cannot import ${what} into ${dataset}: there is no row of data. Expected at least one.`,
      {},
    );
  }
  const reasons = Object.entries(total.quarantined)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(", ");
  throw new QuiverError(
    "nothing-imported",
    `Cannot import ${what} into ${dataset}: ${total.in === 1 ? "the only row could not be kept" : `none of ${total.in} rows could be kept`} (${reasons}). Nothing was changed; check the columns and their mapping.`,
    { in: total.in, quarantined: total.quarantined },
  );
}
