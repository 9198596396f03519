import { expect, expectTypeOf, test } from "vitest";
import { defined } from "../../shared/defined.ts";

test("defined() leaves out what is undefined, and keeps null, false and zero", () => {
  const dataset: string | undefined = undefined;
  expect(Object.keys(defined({ dataset, a: null, b: false, c: 0, d: "" }))).toEqual(["a", "b", "c", "d"]);
});

test("defined() makes what may be undefined optional", () => {
  const given: { name: string; limit: number | undefined; signal?: AbortSignal } = { name: "x", limit: 3 };
  const result = defined(given);
  expectTypeOf(result).toMatchObjectType<{ name: string; limit?: number; signal?: AbortSignal }>();
  expect(result).toEqual({ name: "x", limit: 3 });
});
