import type { BoundFunction } from "../plan/bind-inputs.ts";
import type { InvocationPlan, PlannedStage } from "../plan/invocation-plan.ts";
import { fingerprintOf } from "../../shared/canonical-json.ts";
import type { Lineage } from "../store/manifest.ts";
import { fileHashesOf } from "./edited-files.ts";

/** What a plan's result is computed from, as a manifest records it. */
export function lineageOf(
  plan: InvocationPlan,
  bound: BoundFunction,
  runtime: Readonly<Record<string, string>>,
): Lineage {
  const last = [...plan.stages].toReversed().find((stage) => stage.function !== null);
  const inputs = new Map<string, Lineage["inputs"][number]>();
  for (const column of last?.columns ?? []) {
    if (inputs.has(column.input)) continue;
    if (column.from === "stage") {
      const upstream = authored(plan.stages, column.stage);
      inputs.set(column.input, {
        input: column.input,
        function: upstream.function ?? "",
        params: upstream.params,
        fingerprint: fingerprintOf([upstream.codeFingerprint, upstream.params]),
      });
      continue;
    }
    const { source } = column.request;
    if (source.kind === "own" && plan.rowsOf !== null) {
      inputs.set(column.input, {
        input: column.input,
        ...plan.rowsOf,
        fingerprint: plan.datasetVersion,
      });
      continue;
    }
    const isOwn = source.kind === "own";
    inputs.set(column.input, {
      input: column.input,
      dataset: isOwn ? plan.dataset : source.dataset,
      datasetVersion: isOwn ? plan.datasetVersion : source.version,
    });
  }
  return {
    function: plan.function,
    codeFingerprint: last?.codeFingerprint ?? "",
    params: last?.params ?? {},
    inputs: [...inputs.values()],
    symbols: plan.symbols,
    from: plan.from,
    to: plan.to,
    asOf: plan.asOf,
    runtime,
    sources: { ...sourcesOf(plan), files: fileHashesOf(bound) },
  };
}

/** Everything the plan reads, directly or through other functions. */
function sourcesOf({ dataset, datasetVersion, stages }: InvocationPlan): NonNullable<Lineage["sources"]> {
  const datasets: Record<string, string> = { [dataset]: datasetVersion };
  const functions: Record<string, string> = {};
  for (const { function: name, codeFingerprint, columns } of stages) {
    if (name !== null && codeFingerprint !== null) functions[name] = codeFingerprint;
    for (const column of columns) {
      if (column.from !== "row-set" || column.request.source.kind === "own") continue;
      datasets[column.request.source.dataset] = column.request.source.version;
    }
  }
  return { datasets, functions };
}

/** A gathering stage stands for the function whose result it gathers. */
function authored(stages: readonly PlannedStage[], index: number): PlannedStage {
  const stage = stages[index]!;
  const source = stage.columns.find((column) => column.from === "stage");
  return stage.function === null && source?.from === "stage" ? authored(stages, source.stage) : stage;
}
