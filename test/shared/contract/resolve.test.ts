import { describe, expect, test } from "vitest";
import { z } from "zod";
import { broadcast, defineFeature, float64, fromFunction, price } from "quiver";
import { describeFunction, resolveFunction } from "../../../shared/contract/describe.ts";

const feature = defineFeature({
  description: "a spread against an index",
  params: z.object({ period: z.int().min(2).default(14), index: z.string().default("SPY") }),
  inputs: (params) => ({
    bars: { close: float64 },
    adjusted: fromFunction("adjusted-bars", { columns: { close: float64 } }),
    index: broadcast(params.index, { columns: { close: float64 }, match: "known" }),
  }),
  outputs: { spread: price },
  memory: { lookBack: (params) => params.period },
  warmUp: (params) => params.period * 20,
  handler() {},
});

describe("resolveFunction()", () => {
  test("evaluates inputs, look-back and warm-up from parsed parameters, as JSON", () => {
    const resolution = resolveFunction(feature, { period: 5, index: "QQQ" });
    expect(JSON.parse(JSON.stringify(resolution))).toEqual({
      ok: true,
      resolved: {
        params: { period: 5, index: "QQQ" },
        inputs: [
          {
            name: "bars",
            kind: "dataset",
            dataset: null,
            match: "exact",
            columns: [{ name: "close", type: "float64", nullable: false, unit: "none" }],
          },
          {
            name: "adjusted",
            kind: "function",
            function: "adjusted-bars",
            params: {},
            columns: [{ name: "close", type: "float64", nullable: false, unit: "none" }],
          },
          {
            name: "index",
            kind: "broadcast",
            symbol: "QQQ",
            dataset: null,
            match: "known",
            columns: [{ name: "close", type: "float64", nullable: false, unit: "none" }],
          },
        ],
        outputs: [{ name: "spread", type: "float64", nullable: false, unit: "price" }],
        lookBack: 5,
        stateLength: 0,
        warmUp: 100,
      },
    });
  });

  test("names every parameter at fault with what was given", () => {
    expect(resolveFunction(feature, { period: 1, index: 7 })).toEqual({
      ok: false,
      issues: [
        { param: "period", message: "expected a whole number of at least 2", given: 1 },
        { param: "index", message: "expected a text", given: 7 },
      ],
    });
  });
});

describe("describeFunction()", () => {
  test("states parameters as JSON Schema and every default of the contract", () => {
    expect(describeFunction(feature)).toEqual({
      shape: "feature",
      kind: "feature",
      partition: "symbol",
      description: "a spread against an index",
      source: null,
      paramNames: ["period", "index"],
      paramsSchema: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        properties: {
          period: { default: 14, type: "integer", minimum: 2, maximum: 9007199254740991 },
          index: { default: "SPY", type: "string" },
        },
      },
      limits: {},
      bars: "any",
      reuse: false,
      helper: false,
      environment: [],
    });
  });
});
