import type { Columns, OutputsOf } from "../contract/columns.ts";
import type { DefinedFeature } from "../contract/define.ts";
import type { FeatureDefinition, ParamsSchema } from "../contract/definition.ts";
import type { Inputs } from "../contract/inputs.ts";
import { callHandler } from "../handler/call-handler.ts";
import { OutputArrays } from "../handler/output-arrays.ts";
import { openUnit } from "./open-unit.ts";
import type { UnitGiven } from "./unit-given.ts";

/** What a feature's handler gave for one unit. */
export interface FeatureRun<O extends Columns> {
  /** As it would be stored: NaN is null in floats (infinities too), the others have `{ values, valid }`. */
  readonly outputs: OutputsOf<O>;
  /** What the handler left in `state`: give it to the next run to go on. */
  readonly state: Float64Array;
  /** Warnings with how often each was given; infinities are counted here. */
  readonly warnings: readonly { readonly message: string; readonly count: number }[];
}

/**
 * Runs a feature's handler on one unit under the contract that it runs under in its process: parameters are parsed and
 * unknown ones refused, only declared columns are seen, outputs start null and cannot be replaced, the handler must be
 * synchronous, infinities become null and are counted. Throws what the handler throws, or a TypeError that says what
 * was given and what is expected.
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
  // The handler's own types follow from the same declarations that the unit was checked against.
  const definition = defined.definition as unknown as FeatureDefinition;
  callHandler(definition, unit.inputs, out, unit.context, () => unit.name);
  // Brings what stands under nulls, and booleans, into the form in which they are stored.
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
