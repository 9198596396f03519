import { z } from "zod";
import { ERROR_CODES, isErrorCode } from "../../shared/errors/index.ts";
import type { FunctionGraph } from "./graph.ts";

const CODES = Object.keys(ERROR_CODES).filter(isErrorCode);

/** The answer of `GET /graph`. */
export const Graph = z.object({
  nodes: z.array(
    z.object({
      id: z.string(),
      function: z.string(),
      params: z.record(z.string(), z.unknown()),
      shape: z.enum(["feature", "table"]),
      kind: z.enum(["feature", "label"]),
      partition: z.enum(["symbol", "date", "whole"]),
      publishable: z.boolean(),
      helper: z.boolean(),
      inputs: z.array(
        z.discriminatedUnion("from", [
          z.object({ input: z.string(), from: z.literal("function"), node: z.string() }),
          z.object({
            input: z.string(),
            from: z.literal("dataset"),
            dataset: z.string().nullable(),
            as: z.enum(["rows", "broadcast", "attributes"]),
            symbol: z.string().nullable(),
          }),
        ]),
      ),
      problem: z
        .object({
          code: z.enum(CODES),
          message: z.string(),
          upstream: z.string().nullable(),
        })
        .nullable(),
    }),
  ),
}) satisfies z.ZodType<FunctionGraph>;
