import { describe, expectTypeOf, test, expect } from "vitest";
import { z } from "zod";
import {
  attributes,
  bool,
  broadcast,
  defineFeature,
  defineTable,
  float32,
  float64,
  fromDataset,
  fromFunction,
  int32,
  int64,
  price,
  ratio,
  timestamp,
  utf8,
  volume,
  type Categories,
  type Nullable,
} from "quiver";
import { describeFunction, resolveFunction } from "../../../shared/contract/describe.ts";

describe("types of a feature's handler", () => {
  test("follow from declared inputs of all five kinds, outputs and parameters", () => {
    const feature = defineFeature({
      description: "every kind of input",
      params: z.object({ period: z.int().min(2).default(14), mode: z.enum(["a", "b"]).default("a") }),
      inputs: {
        bars: { close: float64, volume: int64, halted: bool.orNull() },
        adjusted: fromFunction("adjusted-bars", { params: { basis: "factor" }, columns: { close: float32 } }),
        factors: fromDataset("us-factors", { match: "following", columns: { price_factor: float64 } }),
        index: broadcast("SPY", { columns: { close: float64 } }),
        about: attributes("us-sectors", { sector: utf8 }),
      },
      outputs: { level: price, score: ratio, bars: int32 },
      memory: { lookBack: (params) => params.period },
      handler(inputs, out, context) {
        expectTypeOf(inputs.bars.close).toEqualTypeOf<Float64Array>();
        expectTypeOf(inputs.bars.volume).toEqualTypeOf<BigInt64Array>();
        expectTypeOf(inputs.bars.halted).toEqualTypeOf<Nullable<Uint8Array>>();
        expectTypeOf(inputs.adjusted.close).toEqualTypeOf<Float32Array>();
        expectTypeOf(inputs.factors.price_factor).toEqualTypeOf<Float64Array>();
        expectTypeOf(inputs.index.close).toEqualTypeOf<Float64Array>();
        expectTypeOf(inputs.about.sector).toEqualTypeOf<Categories>();
        expectTypeOf(out.level).toEqualTypeOf<Float64Array>();
        expectTypeOf(out.bars.values).toEqualTypeOf<Int32Array>();
        expectTypeOf(context.params.period).toEqualTypeOf<number>();
        expectTypeOf(context.params.mode).toEqualTypeOf<"a" | "b">();
        // @ts-expect-error a column that was not declared
        void inputs.bars.clsoe;
        // @ts-expect-error an output that was not declared
        void out.levle;
        // @ts-expect-error a parameter that does not exist
        void context.params.perido;
      },
    });
    expect(describeFunction(feature).paramNames).toEqual(["period", "mode"]);
  });

  test("follow from inputs, outputs and memory that are functions of the parameters", () => {
    const feature = defineFeature({
      description: "columns chosen by parameters",
      params: z.object({ period: z.int().default(3) }),
      inputs: (params) => {
        expectTypeOf(params.period).toEqualTypeOf<number>();
        return { bars: { close: float64 } };
      },
      outputs: (params) => {
        expectTypeOf(params.period).toEqualTypeOf<number>();
        return { twice: volume };
      },
      handler({ bars }, out) {
        expectTypeOf(bars.close).toEqualTypeOf<Float64Array>();
        expectTypeOf(out.twice).toEqualTypeOf<Float64Array>();
      },
    });
    expect(resolveFunction(feature, {})).toMatchObject({ ok: true, resolved: { params: { period: 3 } } });
  });

  test("of a table function's result follow from its declared columns", () => {
    const table = defineTable({
      description: "one row",
      inputs: { bars: { close: float64 } },
      outputs: { ts: timestamp, close: price, note: utf8 },
      handler: ({ bars }) => ({ ts: new BigInt64Array(1), close: bars.close, note: ["x"] }),
    });
    defineTable({
      description: "a column missing",
      inputs: { bars: { close: float64 } },
      outputs: { ts: timestamp, close: price },
      // @ts-expect-error `close` was declared and is not returned
      handler: () => ({ ts: new BigInt64Array(1) }),
    });
    expect(describeFunction(table)).toMatchObject({
      shape: "table",
      partition: "symbol",
      description: "one row",
    });
  });
});
