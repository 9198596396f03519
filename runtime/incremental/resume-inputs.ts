import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeUnitFacts, type UnitFacts } from "../../shared/row-checksum/index.ts";
import { pickUnits } from "../collect/version-content.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";

/** Files from which the partitions' processes continue. */
export interface ResumeInputs {
  /** By partition of the last stage; null if every symbol starts anew. */
  readonly paths: readonly (string | null)[];
  remove(): Promise<void>;
}

/**
 * Writes, for each partition, what the earlier version recorded about its symbols. Files are named after their
 * content, because that name is part of the key of the partition's result, and after the feature set, the only one
 * that writes and removes them.
 */
export async function writeResumeInputs(
  { stages, resultSymbols }: InvocationPlan,
  units: UnitFacts,
  { dir, owner }: { readonly dir: string; readonly owner: string },
): Promise<ResumeInputs> {
  const unitOf = new Map(units.symbols.map((symbol, unit) => [symbol, unit]));
  const { partitions } = stages.at(-1)!;
  const paths = await Promise.all(
    partitions.map(async ({ units: { symbol, firstRow, skip, ordinal } }) => {
      const kept = symbol.flatMap((code, i) => {
        const unit = unitOf.get(resultSymbols[code]!);
        // Rows other than the symbol's first ones follow those of the earlier version.
        return unit !== undefined && ordinal[i]! + skip[i]! > 0 && firstRow[i]! >= 0 ? [unit] : [];
      });
      if (kept.length === 0) return null;
      const bytes = encodeUnitFacts(pickUnits(units, kept));
      const hash = createHash("sha256").update(owner).update(bytes).digest("hex").slice(0, 32);
      const path = join(dir, `resume-${hash}.bin`);
      await writeFile(path, bytes);
      return path;
    }),
  );
  return {
    paths,
    async remove() {
      const written = paths.filter((path) => path !== null);
      await Promise.allSettled(written.map((path) => rm(path, { force: true })));
    },
  };
}
