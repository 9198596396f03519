import { z } from "zod";

const Column = z.object({ name: z.string(), type: z.string(), nullable: z.boolean(), unit: z.string() });

/** The part of `GET /functions/{name}` that a page shows. */
export const DescribedFunction = z.object({
  name: z.string(),
  description: z.string(),
  shape: z.enum(["feature", "table"]),
  kind: z.enum(["feature", "label"]),
  partition: z.enum(["symbol", "date", "whole"]),
  bars: z.enum(["daily", "intraday", "any"]),
  source: z.string().nullable(),
  file: z.string(),
  paramsSchema: z.looseObject({ properties: z.record(z.string(), z.looseObject({})).optional() }),
  params: z.record(z.string(), z.unknown()),
  inputs: z.array(
    z.looseObject({
      name: z.string(),
      kind: z.enum(["dataset", "function", "broadcast", "attributes"]),
      columns: z.array(Column),
      dataset: z.string().nullish(),
      function: z.string().optional(),
      symbol: z.string().optional(),
      match: z.string().optional(),
    }),
  ),
  outputs: z.array(Column),
  lookBack: z.number().nullable(),
  stateLength: z.number(),
  warmUp: z.number(),
});
export type DescribedFunction = z.output<typeof DescribedFunction>;

/** The figures in `docs/catalogue/cost.json`, which a benchmark writes. */
export const MeasuredCosts = z.object({
  /** A sentence that says how and on what machine they were measured. */
  measured: z.string(),
  functions: z.record(
    z.string(),
    z.object({
      bars: z.enum(["daily", "minute"]),
      /** Whether the handler alone was measured, or a run with its process and the functions that it reads. */
      of: z.enum(["handler", "run"]),
      columns: z.number(),
      millisecondsPerMillionRows: z.number(),
    }),
  ),
});
export type MeasuredCosts = z.output<typeof MeasuredCosts>;
