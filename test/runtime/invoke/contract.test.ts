import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { featureSource, refusalOf } from "../../support/author-functions.ts";
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

describe("outputs of every type", () => {
  test("come with nulls where nothing was written, and without what stood under them", async () => {
    const { columns, facts, fields } = await invoke("every-type", { symbols: ["S000004"], to: "2023-12-11" });
    expect(fields).toEqual([
      "symbol: Dictionary<Int32, Utf8>",
      "ts: Date32<DAY>",
      "f64: Float64",
      "f32: Float32",
      "i32: Int32",
      "i64: Int64",
      "flag: Bool",
      "day: Date32<DAY>",
      "at: Timestamp<MICROSECOND, UTC>",
    ]);
    expect(columns["f64"]!.slice(0, 8)).toEqual([null, 1.5, 2.5, null, 4.5, null, null, null]);
    expect(columns["f32"]!.slice(0, 6)).toEqual([null, 1, 2, null, 4, null]);
    expect(columns["i32"]!.slice(0, 5)).toEqual([null, -1, -2, null, -4]);
    expect(columns["i64"]!.slice(0, 3)).toEqual([null, 2n ** 60n + 1n, 2n ** 60n + 2n]);
    expect(columns["flag"]!.slice(0, 5)).toEqual([null, true, false, null, false]);
    expect(columns["day"]!.slice(0, 2)).toEqual([null, 19_001 * 86_400_000]);
    expect(columns["at"]!.slice(0, 2)).toEqual([null, 1_700_000_000_000.001]);
    // Two rows a multiple of 5 and not of 3.
    expect(facts.warnings).toEqual([
      { message: "a warning from the handler", count: 1 },
      { message: 'Output "f64" held infinite values, stored as null', count: 1 },
      { message: 'Output "f32" held infinite values, stored as null', count: 1 },
    ]);
  });

  test("are the same when another function hands them on", async () => {
    functions.write(
      "hands-on/index.ts",
      `import { bool, date32, defineFeature, float32, float64, fromFunction, int32, int64, timestamp } from "quiver";
const columns = { f64: float64, f32: float32, i32: int32.orNull(), i64: int64.orNull(), flag: bool.orNull(), day: date32.orNull(), at: timestamp.orNull() };
export default defineFeature({
  description: "hands on every type",
  inputs: { from: fromFunction("every-type", { columns }) },
  outputs: columns,
  memory: { lookBack: 0 },
  handler({ from }, out) {
    out.f64.set(from.f64);
    out.f32.set(from.f32);
    for (const name of ["i32", "i64", "flag", "day", "at"] as const) {
      out[name].values.set(from[name].values as never);
      out[name].valid.set(from[name].valid);
      if (from[name].values.some((value, i) => from[name].valid[i] === 0 && Number(value) !== 0)) throw new Error("something stands under a null");
    }
  },
});`,
    );
    const [first, second] = await Promise.all([invoke("every-type"), invoke("hands-on")]);
    expect(second.columns).toEqual(first.columns);
    expect(Buffer.compare(second.bytes, first.bytes)).toBe(0);
  });
});

describe("a function upstream that gives nulls", () => {
  test("is refused where they are not declared, with what to do", async () => {
    functions.write(
      "reads-nulls/index.ts",
      `import { defineFeature, float64, fromFunction, int32 } from "quiver";
export default defineFeature({ description: "r", inputs: { from: fromFunction("every-type", { columns: { i32: int32 } }) }, outputs: { x: float64 }, handler({ from }, out) { out.x.set(from.i32); } });`,
    );
    expect(await refusal("reads-nulls")).toMatchObject({
      code: "column-has-nulls",
      message:
        'Cannot pass the column "i32" of the input "from" as int32 without nulls: it contains nulls. Declare it with orNull().',
    });
  });
});

describe("a feature's handler that", () => {
  test.each([
    [
      "returns-promise",
      "({ bars }, out) { return Promise.resolve(out.x.set(bars.close)) as never; }",
      'contract-broken: The handler of a feature returned a promise for symbol "S000000", expected nothing: it must be ' +
        "synchronous and write its results into the arrays of its second argument.",
    ],
    [
      "returns-array",
      "({ bars }) { return bars.close as never; }",
      'contract-broken: The handler of a feature returned a value of type object for symbol "S000000", expected nothing: it ' +
        "must be synchronous and write its results into the arrays of its second argument.",
    ],
    [
      "exits",
      "() { process.exit(3); }",
      'function-exited: The function "exits" ended its process with code 3 before it answered. A handler must return, not exit.',
    ],
    [
      "throws-text",
      '() { throw "no"; }',
      /^function-threw: The function "throws-text" threw NonError: string was thrown: no$/,
    ],
    [
      "assigns-output",
      "({ bars }, out) { Object.assign(out, { x: bars.close }); }",
      /^function-threw: The function "assigns-output" threw TypeError: .*(readonly|read only).*$/,
    ],
    [
      "assigns-values",
      "(_, out) { Object.assign(out.flag, { values: new Uint8Array(3) }); }",
      /^function-threw: .* threw TypeError: .*(readonly|read only).*$/,
    ],
    [
      "changes-params",
      "(_, out, { params }) { Object(params).deep.n++; }",
      /^function-threw: .* threw TypeError: .*(readonly|read only).*$/,
    ],
    [
      "reads-undeclared",
      "({ bars }, out) { out.x.set(Object(bars).open); }",
      /^function-threw: The function "reads-undeclared" threw TypeError: /,
    ],
  ])("%s", async (name, handler, message) => {
    feature(name, handler, "params: z.object({ deep: z.object({ n: z.int() }).default({ n: 1 }) }),");
    const { code, message: text } = await refusal(name);
    if (typeof message === "string") expect(`${code}: ${text}`).toBe(message);
    else expect(`${code}: ${text}`).toMatch(message);
    expect(functions.leftInSpool()).toEqual([]);
  });

  test("spins is stopped at its own wall time, and the next call is unaffected", async () => {
    feature("spins", "() { for (;;); }", "limits: { wallTimeMs: 200 },");
    expect((await refusal("spins")).message).toBe(
      'The function "spins" was stopped after 200 ms, its wall-time limit. Narrow the selection, or raise ' +
        "`limits.wallTimeMs` in its definition.",
    );
    expect((await invoke("returns")).rowCount).toBe(151);
  });

  test("takes more memory than its own limit is stopped", async () => {
    feature(
      "hoards",
      "() { const all = []; for (;;) all.push(new Float64Array(1e6).fill(1)); }",
      "limits: { memoryMiB: 300 },",
    );
    const { code, message } = await refusal("hoards");
    expect(code).toBe("function-out-of-memory");
    expect(message).toMatch(
      /^The function "hoards" used more private memory than its limit of 300 MiB \(peak \d+ MiB\)\. Raise `limits\.memoryMiB` in its definition if it needs more\.$/,
    );
  });

  test("throws is told with the author's file, line and what it printed", async () => {
    functions.write(
      "throws-deep/index.ts",
      `import { defineFeature, float64 } from "quiver";
import { helper } from "./lib/helper.ts";
export default defineFeature({
  description: "throws in a helper",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  handler({ bars }, out, { symbol }) {
    console.log("looking at", symbol);
    out.x.fill(helper(bars.close, symbol));
  },
});`,
    );
    functions.write(
      "throws-deep/lib/helper.ts",
      `export function helper(close: Float64Array, symbol: string): number {
  // A comment, so that lines differ from the bundle's.
  if (symbol === "S000002") {
    throw new RangeError(\`\${close.length} closes are too many\`);
  }
  return 1;
}`,
    );
    const { message, error } = await refusal("throws-deep");
    expect(message).toBe('The function "throws-deep" stopped: 60 closes are too many');
    const { facts } = error as unknown as { facts: Record<string, unknown> };
    const stack = String(facts["stack"]);
    expect(stack).toContain(`${functions.functionsDir}/throws-deep/lib/helper.ts:4:`);
    expect(stack).toContain(`${functions.functionsDir}/throws-deep/index.ts:9:`);
    expect(stack.split("\n").filter((line) => line.includes("    at "))).toHaveLength(2);
    expect(facts["logTail"]).toBe("looking at S000000\nlooking at S000001\nlooking at S000002\n");
  });

  test("prints is heard as it prints", async () => {
    feature("prints", '({ bars }, out, { symbol }) { console.log("at", symbol); console.error("!"); }');
    const heard: string[] = [];
    const { facts } = await functions.invoke(
      { function: "prints", symbols: ["S000001", "S000002"] },
      { onLog: (text) => heard.push(text) },
    );
    expect(heard.join("").split("\n").filter(Boolean).toSorted()).toEqual([
      "!",
      "!",
      "at S000001",
      "at S000002",
    ]);
    expect(facts.logTail.length).toBe(26);
  });
});
