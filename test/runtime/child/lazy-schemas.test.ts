import { describe, expect, test } from "vitest";
import * as zod from "zod";
import { lazySchemas } from "../../../runtime/child/lazy-schemas.ts";

/** Zod behind stand-ins, and whether it was loaded. */
function lazyZod() {
  const asked = { times: 0 };
  const lazy = lazySchemas(() => {
    asked.times++;
    return zod;
  }, Object.keys(zod));
  // Users of the stand-ins take them for zod itself.
  return { lazy: lazy as unknown as typeof zod, z: lazy["z"] as typeof zod.z, asked };
}

const usual = (z: typeof zod.z) =>
  z.object({
    period: z.int().min(2).max(100).default(14).describe("bars"),
    mode: z.enum(["one", "other"]).default("one"),
    share: z.number().min(0).max(1).optional(),
    names: z.array(z.string().min(1)).default([]),
  });

describe("lazySchemas()", () => {
  test("builds the usual schema of parameters without zod", () => {
    const { z, asked } = lazyZod();
    usual(z);
    expect(asked.times).toBe(0);
  });

  test("parses as zod does, and refuses as it does", () => {
    const { z } = lazyZod();
    for (const given of [
      {},
      { period: 3, names: ["a"] },
      { period: 1 },
      { mode: "third" },
      { names: [""] },
    ]) {
      const [ours, theirs] = [usual(z).safeParse(given), usual(zod.z).safeParse(given)];
      expect(ours.success).toBe(theirs.success);
      expect(ours.data).toEqual(theirs.data);
      expect(ours.error?.issues).toEqual(theirs.error?.issues);
    }
  });

  test("gives the same JSON schema", () => {
    const { z, lazy } = lazyZod();
    const options = { io: "input" } as const;
    const theirs = zod.toJSONSchema(usual(zod.z), options);
    expect(lazy.toJSONSchema(usual(z), options)).toEqual(theirs);
    expect(zod.toJSONSchema(usual(z).meta({}), options)).toEqual(theirs);
  });

  test("extends, picks and merges schemas of both kinds", () => {
    const { z } = lazyZod();
    const extended = usual(z).extend({ lag: z.int().default(1) });
    expect(extended.parse({})).toEqual({ period: 14, mode: "one", names: [], lag: 1 });
    expect(usual(z).pick({ mode: true }).parse({})).toEqual({ mode: "one" });
    expect(zod.z.object({ a: extended }).parse({ a: {} }).a.lag).toBe(1);
    expect(Object.keys(usual(z).shape)).toEqual(["period", "mode", "share", "names"]);
  });

  test("reads a property that has a method's name on another kind of schema", () => {
    const { z } = lazyZod();
    expect(z.enum(["a", "b"]).enum).toEqual({ a: "a", b: "b" });
    expect(z.enum(["a", "b"]).options).toEqual(["a", "b"]);
  });

  test("allows recursive schemas, unions, refinements and transforms", () => {
    const { z } = lazyZod();
    const tree = z.object({
      name: z.string(),
      get children() {
        return z.array(tree).default([]);
      },
    });
    expect(tree.parse({ name: "a", children: [{ name: "b" }] })).toEqual({
      name: "a",
      children: [{ name: "b", children: [] }],
    });
    const even = z.union([z.int(), z.string().transform(Number)]).refine((value) => value % 2 === 0, "odd");
    expect(even.parse("4")).toBe(4);
    expect(even.safeParse(3).error?.issues[0]?.message).toBe("odd");
  });

  test("lets classes be classes", () => {
    const { z, lazy } = lazyZod();
    expect(z.int() instanceof zod.ZodNumber).toBe(true);
    expect(zod.z.int() instanceof lazy.ZodNumber).toBe(true);
    expect(new lazy.ZodError([]).issues).toEqual([]);
  });

  test("throws zod's own error where a schema cannot be built, when it is first used", () => {
    const { z } = lazyZod();
    const broken: unknown = Reflect.apply(Reflect.get(z.int(), "regex"), z.int(), [/a/]);
    expect(() => z.object({ a: broken as typeof zod.z.any }).parse({ a: 1 })).toThrow(
      "regex is not a function",
    );
  });
});
