import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { featureSource, refusalOf, tableSource } from "../../support/author-functions.ts";
import { makeMarket } from "../../support/function-market.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

let functions: OpenedFunctions;
beforeAll(async () => {
  functions = await openFunctions({ fill: makeMarket });
});
afterAll(() => functions.close());

const invoke = (name: string, request: object = {}) => functions.invoke({ function: name, ...request });

const refusal = (name: string, request: object = {}) => refusalOf(invoke(name, request));

const feature = (name: string, ...parts: Parameters<typeof featureSource>) =>
  functions.write(`${name}/index.ts`, featureSource(...parts));

const table = (name: string, ...parts: Parameters<typeof tableSource>) =>
  functions.write(`${name}/index.ts`, tableSource(...parts));

describe("a definition that cannot be used is refused before anything runs:", () => {
  test.each([
    [
      "key-output",
      "outputs: { ts: date32 },",
      'has an output "ts", which every result already has. Choose another name.',
    ],
    [
      "text-output",
      "outputs: { t: utf8 },",
      'has a text output "t"; a feature\'s outputs are numbers, booleans and times. Use int32 codes, or a table function.',
    ],
    [
      "odd-name",
      'outputs: { "a/../b": float64 },',
      'has an output "a/../b", expected a name of letters, digits and underscores.',
    ],
    ["no-output", "outputs: {},", "has no outputs, expected at least one."],
    [
      "no-column",
      "outputs: { y: float64 }, inputs: { bars: {} },",
      'reads no columns of its input "bars", expected at least one.',
    ],
    [
      "odd-look-back",
      "memory: { lookBack: 1.5 },",
      "has a look-back of 1.5, expected a whole number of bars from 0.",
    ],
  ])("%s", async (name, more, problem) => {
    feature(name, "() {}", more);
    expect(await refusal(name)).toMatchObject({
      code: "function-invalid",
      message: `Cannot use this function: it ${problem}`,
    });
  });

  test.each([
    [
      "number-ts",
      "outputs: { ts: float64, x: float64 },",
      'has an output "ts" of type float64, expected date32 or timestamp.',
    ],
    [
      "number-symbol",
      "outputs: { ts: date32, symbol: int32 },",
      'has an output "symbol" of type int32, expected utf8.',
    ],
    [
      "no-symbol",
      'outputs: { ts: date32, x: float64 }, partition: "whole",',
      'has an output "ts" but no output "symbol": a unit with several symbols needs both keys. Add ' +
        '`symbol: utf8`, or rename "ts".',
    ],
    ["only-keys", "outputs: { ts: date32 },", "has only key columns as outputs, expected at least one more."],
  ])("table %s", async (name, more, problem) => {
    table(name, "return {};", more);
    expect((await refusal(name)).message).toBe(`Cannot use this function: it ${problem}`);
  });

  test.each([
    ["no-default", "export const x = 1;", "missing"],
    ["default-object", "export default { handler() {} };", "a value of type object"],
    ["default-null", "export default null;", "null"],
  ])("a module with %s", async (name, source, given) => {
    functions.write(`${name}/index.ts`, source);
    expect(await refusal(name)).toMatchObject({
      code: "function-invalid",
      message:
        `Cannot use this function: its module's default export is ${given}, expected what defineFeature() or ` +
        "defineTable() returns. Write `export default defineFeature({ ... })`.",
    });
  });

  test("a module that throws when it is loaded", async () => {
    functions.write(
      "throws-early/index.ts",
      'export const a = 1;\nthrow new Error("too early");\nexport default a;',
    );
    const { message, error } = await refusal("throws-early");
    expect(message).toBe('The function "throws-early" stopped: too early');
    expect(JSON.stringify(error)).toContain("throws-early/index.ts:2:");
  });
});

describe("parameters", () => {
  const EXOTIC = `z.object({
    day: z.iso.date().default("2024-01-02").transform((text) => new Date(text)),
    set: z.array(z.string()).default(["a"]).transform((all) => new Set(all)),
    big: z.coerce.bigint().default(5n),
    limit: z.number().default(Infinity),
  })`;

  test("may be parsed to what JSON has no form for", async () => {
    feature(
      "exotic",
      `(_, out, { params }) { out.x.fill(params.day.getTime() / 864e5 + params.set.size + Number(params.big) + (params.limit === Infinity ? 0 : 1)); }`,
      `params: ${EXOTIC},`,
    );
    const one = async (params: object) =>
      (await invoke("exotic", { symbols: ["S000001"], params })).columns["x"];
    expect(await one({})).toEqual([19_724 + 1 + 5]);
    expect(await one({ set: ["a", "b"], big: "7", limit: 3 })).toEqual([19_724 + 2 + 7 + 1]);
  });

  test("that differ only there are different invocations", async () => {
    feature("exotic", "() {}", `params: ${EXOTIC},`);
    const fingerprint = async (params: Readonly<Record<string, unknown>>) =>
      (await functions.parts.invoker.explain({ function: "exotic", params })).fingerprint;
    const all = await Promise.all(
      [{}, { set: ["a"] }, { set: ["b"] }, { big: "6" }, { limit: 1 }, { day: "2024-01-03" }].map(
        fingerprint,
      ),
    );
    expect(all[0]).toBe(all[1]);
    expect(new Set(all).size).toBe(5);
  });

  test("that cannot be serialised are refused", async () => {
    feature(
      "parses-to-function",
      "() {}",
      "params: z.object({ f: z.string().default('x').transform((s) => () => s) }),",
    );
    expect((await refusal("parses-to-function")).message).toBe(
      'The function "parses-to-function" threw TypeError: The parameter "f" parses to a function, which cannot be ' +
        "serialised. Parse it to plain values, a Date, a Set or a Map.",
    );
  });
});
