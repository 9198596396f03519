import { errorCodeOf, QuiverError } from "../../shared/errors/index.ts";
import type { InvocationPlan, PlannedStage } from "../plan/invocation-plan.ts";

/**
 * Adds to the refusal of a symbol the name of the parameter that holds it, because the caller may never have typed
 * its default. Returns any other error unchanged.
 */
export function nameParameter(error: unknown, stage: PlannedStage, plan: InvocationPlan): unknown {
  if (errorCodeOf(error) !== "unknown-symbol" || !(error instanceof QuiverError)) return error;
  const { symbol } = error.facts;
  const [name] = Object.entries(stage.params).find(([, value]) => value === symbol) ?? [];
  if (name === undefined) return error;
  // The parameters of an upstream function come from its reader.
  const isCallers = stage === plan.stages.at(-1);
  const advice = isCallers ? ` Give another with \`params.${name}\`.` : "";
  const message = `${error.message} It is the parameter ${JSON.stringify(name)} of ${JSON.stringify(stage.function)}.${advice}`;
  const facts = { ...error.facts, parameter: name, ...(isCallers ? { field: `params.${name}` } : {}) };
  return new QuiverError("unknown-symbol", message, facts, error);
}
