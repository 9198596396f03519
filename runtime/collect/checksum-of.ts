import { type ChecksumSchema, rowChecksum, type UnitFacts } from "../../shared/row-checksum/index.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";

/** The row checksum of a version whose symbols, sorted, end like this. */
export function checksumOf(
  plan: InvocationPlan,
  { symbols, rowCounts, words, wordCount }: UnitFacts,
): string {
  const units = symbols.map((symbol, i) => ({
    symbol,
    rowCount: rowCounts[i]!,
    checksums: words.subarray(i * wordCount, (i + 1) * wordCount),
  }));
  return rowChecksum(checksumSchemaOf(plan), units);
}

/** The columns that take part in the checksum of a plan's rows, without its keys. */
export function checksumSchemaOf({ stages, tsType }: InvocationPlan): ChecksumSchema {
  const { shape, outputs } = stages.at(-1)!;
  const isTable = shape === "table";
  const ts = isTable ? outputs.find(({ name }) => name === "ts")?.type : undefined;
  return {
    tsType: ts === "date32" || ts === "timestamp" ? ts : tsType,
    columns: outputs
      .filter(({ name }) => !isTable || (name !== "ts" && name !== "symbol"))
      .map(({ name, type }) => ({ name, type })),
  };
}
