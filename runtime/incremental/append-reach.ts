import type { StageOutline } from "../plan/plan-stages.ts";
import { lookBackOf } from "../plan/rows-of-stages.ts";

/** How far back a plan's stages read when rows are appended to its result. */
export interface AppendReach {
  /**
   * Bars of a symbol that each stage reads before its first output; null for all of them. A recursive last stage
   * reads none: it continues from its saved state.
   */
  readonly lookBacks: readonly (number | null)[];
  /**
   * Whether new rows can be computed from the rows just before them or from a saved state, without changing earlier
   * rows.
   */
  readonly canAppend: boolean;
  readonly isCrossSectional: boolean;
  /** Bars before the first new one that the plan reads along its longest path. */
  readonly total: number;
}

/**
 * Derives from each stage's look-back and state whether its result can be appended to. A stage that looks ahead or
 * declares neither rules it out.
 */
export function appendReachOf(stages: readonly StageOutline[]): AppendReach {
  const last = lastAuthored(stages);
  const resumes = (stage: StageOutline) =>
    stage === last && stage.order === "symbol-time" && (stage.bound?.resolved.stateLength ?? 0) > 0;
  const lookBacks = stages.map((stage) => (resumes(stage) ? 0 : lookBackOf(stage)));
  const canAppend = stages.every(({ bound }, i) => {
    if (bound === null) return true;
    const { kind, shape } = bound.entry.description;
    return kind === "feature" && shape === "feature" && lookBacks[i] !== null;
  });
  const isCrossSectional = stages.some(({ order }) => order === "time-symbol");
  const reach = stages.map(() => 0);
  for (let i = stages.length - 1; i >= 0; i--) {
    for (const source of stages[i]!.sources) {
      reach[source] = Math.max(reach[source]!, reach[i]! + (lookBacks[i] ?? 0));
    }
  }
  const total = Math.max(...stages.map((_, i) => reach[i]! + (lookBacks[i] ?? 0)));
  return { lookBacks, canAppend, isCrossSectional, total };
}

/** Text of bars is passed as codes into the labels that were loaded, and fewer rows may have other labels. */
export function readsText(stages: readonly StageOutline[]): boolean {
  return stages.some(({ columns }) =>
    columns.some(
      (column) =>
        column.from === "row-set" && column.request.source.kind === "own" && column.request.type === "utf8",
    ),
  );
}

function lastAuthored(stages: readonly StageOutline[]): StageOutline | undefined {
  return [...stages].toReversed().find(({ bound }) => bound !== null);
}
