import { describe, expect, test } from "vitest";
import { fromJsonParams, toJsonParams } from "../../../shared/contract/json-params.ts";

describe("fromJsonParams()", () => {
  test.for([
    ["numbers", { a: 1, b: -0, c: Number.NaN, d: -Infinity, e: 2n ** 70n }],
    ["text, flags and nothing", { a: "", b: "$set", c: true, d: null }],
    ["lists and objects", { a: [1, [2, { b: [] }]], c: { d: { e: 1 } }, f: {} }],
    [
      "sets, maps and dates",
      { a: new Set([1, "1"]), b: new Map([[{ k: 1 }, new Set()]]), c: new Date(86_400_000) },
    ],
    [
      "objects that look like a form",
      { a: { $set: [1] }, b: { $object: { $number: "NaN" } }, c: { $: 1, d: 2 } },
    ],
  ] as const)("gives back %s", ([, params]) => {
    const json: unknown = JSON.parse(JSON.stringify(toJsonParams(params)));
    expect(fromJsonParams(json as Record<string, unknown>)).toStrictEqual(params);
  });

  test("leaves out what is undefined", () => {
    expect(fromJsonParams(toJsonParams({ a: undefined, b: { c: undefined } }))).toStrictEqual({ b: {} });
  });

  test("refuses a form it does not know", () => {
    expect(() => fromJsonParams({ a: { $odd: 1 } })).toThrow(
      'Cannot read a parameter in the form "$odd": no such form exists.',
    );
  });
});
