import type { Columns, OutputsOf } from "../contract/columns.ts";
import type { DefinedFeature } from "../contract/define.ts";
import type { FeatureDefinition, ParamsSchema } from "../contract/definition.ts";
import type { Inputs } from "../contract/inputs.ts";
import { callHandler } from "../handler/call-handler.ts";
import { OutputArrays } from "../handler/output-arrays.ts";
import { openUnit } from "./open-unit.ts";
import type { UnitGiven } from "./unit-given.ts";

/** The result of a feature's handler for one unit. */
export interface FeatureRun<O extends Columns> {
  /**
   * The outputs as they would be stored: null floats are NaN (infinities too), other types have `{ values, valid }`.
   */
  readonly outputs: OutputsOf<O>;
  /** What the handler left in `state`. Pass it to the next run to resume. */
  readonly state: Float64Array;
  /** Each distinct warning with its count, including the one for infinite values. */
  readonly warnings: readonly { readonly message: string; readonly count: number }[];
}

/**
 * Runs a feature's handler on one unit under the same contract as in production: parameters are parsed and unknown
 * ones refused, the handler sees only declared columns, outputs start as null and cannot be replaced, the handler must
 * be synchronous, and infinities become null and are counted. Throws what the handler throws, or a TypeError that says
 * what was given and what was expected.
 *
 * ```ts
 * const { outputs } = runFeature(rsi, { inputs: { bars: { close: [10, 11, 10.5] } }, params: { period: 2 } });
 * expect(outputs.rsi[2]).toBeCloseTo(66.67, 2);
 * ```
 */
export function runFeature<I extends Inputs, P extends ParamsSchema, O extends Columns>(
  defined: DefinedFeature<I, P, O>,
  given: UnitGiven,
): FeatureRun<O> {
  const unit = openUnit(defined, given);
  const { rowCount, state } = unit.context;
  const arrays = new OutputArrays(unit.resolved.outputs, rowCount);
  const out = arrays.unit(0, rowCount);
  // The handler's own types follow from the declarations that the unit was checked against.
  const definition = defined.definition as unknown as FeatureDefinition;
  callHandler(definition, unit.inputs, out, unit.context, () => unit.name);
  // Puts values under nulls, and booleans, into their stored form.
  arrays.batch(rowCount);
  for (const [name, values] of Object.entries(out)) {
    const infinite = toNulls(values);
    if (infinite > 0)
      unit.warnings.add(`Output ${JSON.stringify(name)} held infinite values, stored as null`, infinite);
  }
  return { outputs: out as OutputsOf<O>, state, warnings: unit.warnings.toJSON() };
}

function toNulls(values: unknown): number {
  if (!(values instanceof Float64Array) && !(values instanceof Float32Array)) return 0;
  let infinite = 0;
  values.forEach((value, row) => {
    if (Number.isFinite(value)) return;
    if (!Number.isNaN(value)) infinite++;
    values[row] = NaN;
  });
  return infinite;
}
