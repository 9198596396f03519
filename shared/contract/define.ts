import { z } from "zod";
import type { Columns } from "./columns.ts";
import type { FeatureDefinition, ParamsSchema, TableDefinition } from "./definition.ts";
import type { Inputs } from "./inputs.ts";

/** The schema of a function without parameters. */
type NoParams = z.ZodObject<Record<never, never>>;

/** What a module that defines a feature exports by default. */
export interface DefinedFeature<I extends Inputs, P extends ParamsSchema, O extends Columns> {
  readonly shape: "feature";
  readonly params: ParamsSchema;
  readonly definition: FeatureDefinition<I, P, O>;
}

export interface DefinedTable<I extends Inputs, P extends ParamsSchema, O extends Columns> {
  readonly shape: "table";
  readonly params: ParamsSchema;
  readonly definition: TableDefinition<I, P, O>;
}

/**
 * Defines a row-aligned feature function: one output row for each input row. The types of the handler's inputs,
 * outputs and parameters are inferred from the declarations, so write `params` before anything that depends on it.
 *
 * ```ts
 * export default defineFeature({
 *   description: "Mean of the last closes",
 *   params: z.object({ period: z.int().min(1).default(20) }),
 *   inputs: { bars: { close: float64 } },
 *   outputs: { mean: price },
 *   memory: { lookBack: ({ period }) => period - 1 },
 *   handler({ bars }, out, { params, ordinal }) {
 *     rollingMean(bars.close, params.period, out.mean, { ordinal });
 *   },
 * });
 * ```
 */
export function defineFeature<
  const I extends Inputs,
  const O extends Columns,
  P extends ParamsSchema = NoParams,
>(definition: FeatureDefinition<I, P, O>): DefinedFeature<I, P, O> {
  return { shape: "feature", params: definition.params ?? z.object({}), definition };
}

/**
 * Defines a table function: it receives the columns of one unit and returns a table of the declared columns, with any
 * number of rows.
 *
 * ```ts
 * export default defineTable({
 *   description: "Highest close and number of bars of each symbol",
 *   inputs: { bars: { close: float64 } },
 *   outputs: { symbol: utf8, highest: price, bars: count },
 *   handler({ bars }, { symbol, rowCount }) {
 *     const highest = bars.close.reduce((a, b) => Math.max(a, b), -Infinity);
 *     return { symbol: [symbol], highest: Float64Array.of(highest), bars: Float64Array.of(rowCount) };
 *   },
 * });
 * ```
 */
export function defineTable<
  const I extends Inputs,
  const O extends Columns,
  P extends ParamsSchema = NoParams,
>(definition: TableDefinition<I, P, O>): DefinedTable<I, P, O> {
  return { shape: "table", params: definition.params ?? z.object({}), definition };
}
