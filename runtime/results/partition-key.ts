import { createHash } from "node:crypto";
import { canonicalJson } from "../../shared/canonical-json.ts";
import type {
  InvocationPlan,
  PlannedColumn,
  PlannedPartition,
  PlannedStage,
} from "../plan/invocation-plan.ts";
import type { Clock } from "../../shared/contract/definition.ts";
import type { Sink } from "../../shared/protocol/child-message.ts";

/** What a result depends on in addition to its plan. */
export interface KeyFacts {
  readonly clock: Clock;
  /** Runtime and version: a user's function may compute differently on two of them. */
  readonly runtime: Readonly<Record<string, string>>;
  readonly environmentOf: (names: readonly string[]) => Readonly<Record<string, string>>;
}

/** Names the content of a partition's result: equal keys mean equal files. */
export type PartitionKey = (stage: number, partition: PlannedPartition, sink: Sink) => string;

/**
 * Makes the keys of a plan's partitions. A stage is identified by its code, parameters, rows and the stages it
 * reads; a partition by its units. If the rows come from a table function or a caller's body, their version is the
 * hash of their content.
 */
export function partitionKeysOf(plan: InvocationPlan, facts: KeyFacts): PartitionKey {
  const stages: string[] = [];
  for (const stage of plan.stages) stages.push(stageIdentity(plan, stage, facts, stages));
  return (stage, { units }, sink) => {
    const hash = createHash("sha256").update(stages[stage]!).update(canonicalJson(sink));
    const { symbol, firstRow, rowCount, skip, outputRowCount, ordinal } = units;
    for (const numbers of [symbol, firstRow, rowCount, skip, outputRowCount, ordinal]) {
      hash.update(Float64Array.from(numbers));
    }
    return hash.digest("hex").slice(0, 32);
  };
}

function stageIdentity(
  plan: InvocationPlan,
  stage: PlannedStage,
  { clock, runtime, environmentOf }: KeyFacts,
  earlier: readonly string[],
): string {
  const identity = {
    code: stage.codeFingerprint,
    shape: stage.shape,
    partition: stage.partition,
    params: stage.params,
    outputs: stage.outputs,
    stateLength: stage.stateLength,
    environment: environmentOf(stage.environment),
    columns: stage.columns.map((column) => columnIdentity(column, earlier)),
    symbols: stage.symbols,
    symbolRuns: stage.symbolRuns,
    resultSymbols: stage.resultSymbols,
    rows: plan.rowSets[stage.order],
    datasetVersion: plan.datasetVersion,
    rowsOf: plan.rowsOf,
    outputWindow: plan.outputWindow,
    tsType: plan.tsType,
    clock,
    runtime,
  };
  return createHash("sha256").update(canonicalJson(identity)).digest("hex");
}

function columnIdentity(column: PlannedColumn, earlier: readonly string[]): unknown {
  return column.from === "stage" ? { ...column, stage: earlier[column.stage] } : column;
}
