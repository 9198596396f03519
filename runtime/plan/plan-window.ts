import { QuiverError } from "../../shared/errors/index.ts";
import type { Clocks } from "../../shared/time/clocks.ts";
import { parseEventTime } from "../../shared/time/index.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { InvocationPlan, PlannedStage } from "./invocation-plan.ts";
import type { PlanInput } from "./plan-input.ts";
import type { Window } from "./select-units.ts";

/** The request's bounds in the unit of the dataset's `ts`. */
export function windowOf(input: PlanInput, dataset: DatasetRecord): Window {
  const clocks = clocksOf(dataset);
  const from = input.from === null ? null : parseEventTime(input.from, clocks, "from");
  const to = input.to === null ? null : parseEventTime(input.to, clocks, "to");
  refuseReversed(input, from, to);
  return { from, to, knownUntil: input.knownUntil };
}

function refuseReversed(input: PlanInput, from: number | null, to: number | null): void {
  if (from === null || to === null || from <= to) return;
  throw new QuiverError(
    "selection-invalid",
    `Cannot select from ${JSON.stringify(input.from)} to ${JSON.stringify(input.to)}: \`from\` is after \`to\`. ` +
      "`from` is inclusive, `to` is exclusive.",
    { from: input.from, to: input.to },
  );
}

function clocksOf(dataset: DatasetRecord): Clocks {
  if (dataset.clocks !== null) return dataset.clocks;
  throw new QuiverError(
    "input-invalid",
    `Cannot run a function on the dataset ${JSON.stringify(dataset.name)}: it holds attributes without times. ` +
      "Name a dataset of bars.",
    { dataset: dataset.name, kind: dataset.kind },
  );
}

/** A keyed table is cut by its own `ts`, whose type may differ from that of its input. */
export function outputWindowOf(input: PlanInput, last: PlannedStage): InvocationPlan["outputWindow"] {
  const none = { from: null, to: null };
  if (last.shape === "feature" || (input.from === null && input.to === null)) return none;
  const ts = last.outputs.find((output) => output.name === "ts");
  if (ts === undefined) {
    throw new QuiverError(
      "selection-invalid",
      `Cannot cut the result of ${JSON.stringify(last.function)} by \`from\` or \`to\`: it has no column "ts".`,
      { function: last.function },
    );
  }
  const own = clocksOf(input.dataset);
  const seconds = own.intervalSeconds === "1d" ? 86_400 : own.intervalSeconds;
  const clocks: Clocks = { ...own, intervalSeconds: ts.type === "date32" ? "1d" : seconds };
  return {
    from: input.from === null ? null : parseEventTime(input.from, clocks, "from"),
    to: input.to === null ? null : parseEventTime(input.to, clocks, "to"),
  };
}
