import { errorCodeOf, QuiverError } from "../../shared/errors/index.ts";
import type { InvocationPlan, PlannedStage } from "../plan/invocation-plan.ts";

/**
 * A refusal of a symbol that a stage asked for, with the parameter that holds it: who is refused never typed a default.
 * Anything else as it is.
 */
export function nameParameter(error: unknown, stage: PlannedStage, plan: InvocationPlan): unknown {
  if (errorCodeOf(error) !== "unknown-symbol" || !(error instanceof QuiverError)) return error;
  const { symbol } = error.facts;
  const [name] = Object.entries(stage.params).find(([, value]) => value === symbol) ?? [];
  if (name === undefined) return error;
  // The parameters of an upstream function are given by its reader.
  const isCallers = stage === plan.stages.at(-1);
  const advice = isCallers ? ` Give another with \`params.${name}\`.` : "";
  const message = `${error.message} It is the parameter ${JSON.stringify(name)} of ${JSON.stringify(stage.function)}.${advice}`;
  const facts = { ...error.facts, parameter: name, ...(isCallers ? { field: `params.${name}` } : {}) };
  return new QuiverError("unknown-symbol", message, facts, error);
}
