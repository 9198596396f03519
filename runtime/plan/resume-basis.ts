import type { PlanOutline } from "./outline-plan.ts";
import { fingerprintOf } from "../../shared/canonical-json.ts";
import type { PlannedColumn } from "./invocation-plan.ts";
import type { PlanInput } from "./plan-input.ts";

/**
 * Everything a result depends on except the versions of the data. A later version must share it to continue from
 * this one.
 */
export interface ResumeBasis {
  /** Identifies code, parameters, bindings and runtime. */
  readonly computation: string;
  /** Versions of the datasets it reads. */
  readonly sources: Readonly<Record<string, string>>;
}

/** Identifies a plan's result: code, parameters, inputs, selection and runtime. */
export function fingerprintOfPlan(input: PlanInput, outline: PlanOutline): string {
  const { dataset, symbols, from, to, asOfMicros, knownUntil, runtime } = input;
  return fingerprintOf({
    formatVersion: 1,
    stages: stagesOf(input, outline, (column) => column),
    dataset: dataset.name,
    version: dataset.fingerprint,
    symbols,
    from,
    to,
    asOfMicros,
    knownUntil,
    runtime,
  });
}

/**
 * Null if a later version cannot continue from this one: the result of a selection, or a table whose rows belong to
 * no symbol.
 */
export function resumeBasisOf(input: PlanInput, outline: PlanOutline): ResumeBasis | null {
  const { bound, dataset, symbols, from, to, asOf, runtime } = input;
  if (symbols !== null || from !== null || to !== null || asOf !== null) return null;
  const { shape, partition } = bound.entry.description;
  if (shape === "table" && partition !== "symbol") return null;
  const sources: Record<string, string> = { [dataset.name]: dataset.fingerprint };
  for (const { columns } of outline.stages) {
    for (const column of columns) {
      if (column.from !== "row-set" || column.request.source.kind === "own") continue;
      sources[column.request.source.dataset] = column.request.source.version;
    }
  }
  const stages = stagesOf(input, outline, withoutVersion);
  const computation = fingerprintOf({ formatVersion: 1, stages, dataset: dataset.name, runtime });
  return { computation, sources };
}

function stagesOf(
  input: PlanInput,
  outline: PlanOutline,
  show: (column: PlannedColumn) => unknown,
): readonly unknown[] {
  return outline.stages.map(({ bound, columns, outputs }) => ({
    function: bound?.entry.name ?? null,
    code: bound?.entry.codeFingerprint ?? null,
    params: bound?.resolved.params ?? null,
    environment: bound === null ? null : fingerprintOf(input.environmentOf(bound.entry)),
    columns: columns.map(show),
    outputs,
  }));
}

function withoutVersion(column: PlannedColumn): unknown {
  if (column.from !== "row-set" || column.request.source.kind === "own") return column;
  const { request } = column;
  return { ...column, request: { ...request, source: { ...request.source, version: null } } };
}
