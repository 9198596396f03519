import { QuiverError } from "../../shared/errors/index.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";
import type { ResultField } from "../../shared/protocol/result.ts";

/** `symbol` and `ts`, then the outputs; an unkeyed table has its own columns only. */
export function resultSchema(plan: InvocationPlan): ResultField[] {
  const last = plan.stages.at(-1)!;
  const fields = last.outputs.map((output): ResultField => ({
    ...output,
    nullable: true,
    dictionary: false,
  }));
  const ownTs = fields.find((field) => field.name === "ts");
  if (last.shape === "table" && ownTs === undefined) return fields;
  const key = { nullable: false, unit: "none" } as const;
  return [
    { name: "symbol", type: "utf8", ...key, dictionary: true },
    { name: "ts", type: ownTs?.type ?? plan.tsType, ...key, dictionary: false },
    ...fields.filter((field) => last.shape === "feature" || (field.name !== "ts" && field.name !== "symbol")),
  ];
}

/** The dictionary of the result's `symbol`; empty if it has no such column. */
export function resultSymbols(plan: InvocationPlan): readonly string[] {
  return isKeyed(plan) ? plan.resultSymbols : [];
}

/** Refuses, before anything is computed, a result that feature Parquet cannot hold. */
export function refuseUnpublishable(plan: InvocationPlan): void {
  const text = resultSchema(plan).find((field) => field.type === "utf8" && !field.dictionary);
  if (isKeyed(plan) && text !== undefined) {
    throw new QuiverError(
      "not-publishable",
      `Cannot publish ${JSON.stringify(plan.function)}: its output ${JSON.stringify(text.name)} is text, and published features ` +
        "hold only numbers, booleans and times. Give it as an int32 code, or invoke the function instead.",
      { function: plan.function, column: text.name },
    );
  }
  if (isKeyed(plan)) return;
  throw new QuiverError(
    "not-publishable",
    `Cannot publish ${JSON.stringify(plan.function)}: its table has no column "ts", and published features need a key and ` +
      "an event time. Declare an output `ts`, or invoke the function instead.",
    { function: plan.function },
  );
}

function isKeyed(plan: InvocationPlan): boolean {
  return resultSchema(plan).some((field) => field.dictionary);
}
