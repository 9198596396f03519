import type { InvocationPlan } from "../plan/invocation-plan.ts";
import { partitionKeysOf } from "../results/partition-key.ts";
import { type ExecuteSettings, keyFactsOf } from "./execute-plan.ts";
import type { PreparedPlan } from "./prepare-plan.ts";

/** A plan, and how much of its result exists already. */
export interface ExplainedPlan extends InvocationPlan {
  /** The partitions of the result whose rows earlier calls left in the cache; a call computes the others. */
  readonly kept: { readonly partitionCount: number; readonly partitionsFound: number };
}

/** What the partitions of a call write. */
export const ARROW_SINK = { kind: "arrow", file: "result.arrow" } as const;

/** Looks in the cache for the rows of a call; computes nothing. */
export async function explainedPlan(
  { plan, record }: PreparedPlan,
  settings: Pick<ExecuteSettings, "clockOf" | "builtBy" | "environment" | "results">,
): Promise<ExplainedPlan> {
  const last = plan.stages.length - 1;
  const partitions = plan.stages[last]?.partitions ?? [];
  const nothing = { partitionCount: partitions.length, partitionsFound: 0 };
  // Finding out which program computes may require building it.
  if (settings.results.usage().count === 0) return { ...plan, kept: nothing };
  const keyOf = partitionKeysOf(plan, await keyFactsOf(record, settings));
  const found = partitions.filter((partition) => {
    const held = settings.results.find(keyOf(last, partition, ARROW_SINK));
    void held?.release();
    return held !== undefined;
  });
  return { ...plan, kept: { ...nothing, partitionsFound: found.length } };
}
