import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineFeature, float64 } from "quiver";
import { paramRefusal, resolveFunction } from "../../../shared/contract/describe.ts";

const feature = defineFeature({
  description: "takes every kind of parameter",
  params: z
    .object({
      period: z.int().min(2).max(50).default(14),
      share: z.number().gt(0).max(1).default(0.5),
      step: z.number().multipleOf(5).default(5),
      mode: z.enum(["wilder", "span", "none"]).default("wilder"),
      exact: z.boolean().default(true),
      weights: z.array(z.number().min(0)).min(1).default([1]),
      pair: z.tuple([z.string(), z.int()]).default(["a", 1]),
      name: z.string().min(1).max(8).default("x"),
      day: z.iso.date().default("2024-01-01"),
      code: z
        .string()
        .regex(/^[A-Z]+$/)
        .default("A"),
      either: z.union([z.literal("all"), z.int().min(1)]).default("all"),
      nested: z.strictObject({ inner: z.int() }).default({ inner: 1 }),
      byName: z.record(z.string(), z.int()).default({}),
      worded: z.int().min(3, "three bars make a pattern").default(3),
      refined: z
        .int()
        .refine((value) => value % 2 === 1)
        .default(3),
      since: z.coerce.date().default(new Date(0)),
    })
    .refine(({ period, worded }) => period >= worded, "period must not be below worded."),
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  handler() {},
});

const refusals = (params: Record<string, unknown>): string[] => {
  const resolution = resolveFunction(feature, params);
  return resolution.ok ? [] : resolution.issues.map((issue) => paramRefusal(issue, "every-kind"));
};

describe("a parameter is refused with what its schema expects:", () => {
  test.each([
    [{ period: "x" }, "period", '"x"', "a whole number from 2 to 50"],
    [{ period: 1 }, "period", "1", "a whole number from 2 to 50"],
    [{ period: 2.5 }, "period", "2.5", "a whole number from 2 to 50"],
    [{ share: 0 }, "share", "0", "a number above 0 and of at most 1"],
    [{ step: 7 }, "step", "7", "a number in steps of 5"],
    [{ mode: "wildr" }, "mode", '"wildr"', '"wilder", "span" or "none"'],
    [{ exact: 1 }, "exact", "1", "true or false"],
    [{ weights: [] }, "weights", "[]", "a list of at least 1 value, each a number of at least 0"],
    [{ weights: [1, -2] }, "weights.1", "-2", "a number of at least 0"],
    [{ pair: ["a", "b"] }, "pair.1", '"b"', "a whole number"],
    [{ name: "" }, "name", '""', "a text of 1 to 8 characters"],
    [{ day: "yesterday" }, "day", '"yesterday"', "a text of the format date"],
    [{ code: "a1" }, "code", '"a1"', "a text that matches ^[A-Z]+$"],
    [{ either: "none" }, "either", '"none"', '"all" or a whole number of at least 1'],
    [{ nested: { inner: 1, other: 2 } }, "nested", '{"inner":1,"other":2}', "an object with only inner"],
    [{ byName: { a: "b" } }, "byName.a", '"b"', "a whole number"],
    [{ since: "never" }, "since", '"never"', "another value, though its schema does not say which"],
    [{ refined: 2 }, "refined", "2", "another value, though its function does not say which"],
  ])("%j", (params, name, given, expected) => {
    expect(refusals(params)[0]).toBe(
      `Cannot use ${given} for the parameter "${name}" of "every-kind": expected ${expected}.`,
    );
  });

  test("with an author's own words where there are some", () => {
    expect(refusals({ worded: 2 })).toEqual([
      'Cannot use 2 for the parameter "worded" of "every-kind": three bars make a pattern.',
    ]);
    expect(refusals({ period: 3, worded: 5 })).toEqual([
      'Cannot use the parameters of "every-kind": period must not be below worded.',
    ]);
  });

  test("as missing where nothing was given", () => {
    const needs = defineFeature({
      description: "needs one",
      params: z.object({ index: z.string() }),
      inputs: { bars: { close: float64 } },
      outputs: { x: float64 },
      handler() {},
    });
    const resolution = resolveFunction(needs, {});
    expect(resolution.ok ? [] : resolution.issues.map((issue) => paramRefusal(issue))).toEqual([
      'Missing parameter "index": expected a text.',
    ]);
  });
});
