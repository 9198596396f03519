import type { InvocationPlan } from "../plan/invocation-plan.ts";
import { partitionKeysOf } from "../results/partition-key.ts";
import { type ExecuteSettings, keyFactsOf } from "./execute-plan.ts";
import type { PreparedPlan } from "./prepare-plan.ts";

/** A plan, and how much of what it gives is known already. */
export interface ExplainedPlan extends InvocationPlan {
  /** Of the partitions of the result, those whose rows are kept from earlier calls: a call computes the others. */
  readonly kept: { readonly partitionCount: number; readonly partitionsFound: number };
}

/** What the partitions of a call write. */
export const ARROW_SINK = { kind: "arrow", file: "result.arrow" } as const;

/** Looks for the rows that a call would answer with; computes nothing. */
export async function explainedPlan(
  { plan, record }: PreparedPlan,
  settings: Pick<ExecuteSettings, "clockOf" | "builtBy" | "environment" | "results">,
): Promise<ExplainedPlan> {
  const last = plan.stages.length - 1;
  const partitions = plan.stages[last]?.partitions ?? [];
  const nothing = { partitionCount: partitions.length, partitionsFound: 0 };
  // To know what computes, it may have to be built.
  if (settings.results.usage().count === 0) return { ...plan, kept: nothing };
  const keyOf = partitionKeysOf(plan, await keyFactsOf(record, settings));
  const found = partitions.filter((partition) => {
    const held = settings.results.find(keyOf(last, partition, ARROW_SINK));
    void held?.release();
    return held !== undefined;
  });
  return { ...plan, kept: { ...nothing, partitionsFound: found.length } };
}
