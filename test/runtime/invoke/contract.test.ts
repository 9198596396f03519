import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeMarket } from "../../support/function-market.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

let functions: OpenedFunctions;
beforeAll(async () => {
  functions = await openFunctions({ fill: makeMarket });
});
afterAll(() => functions.close());

const invoke = (name: string, request: object = {}) => functions.invoke({ function: name, ...request });

async function refusal(name: string, request: object = {}) {
  const error: unknown = await invoke(name, request).catch((e: unknown) => e);
  if (!(error instanceof Error)) throw new Error("it was not refused");
  return { code: "code" in error ? String(error.code) : "", message: error.message, error };
}

/** A feature with one float output and this handler. */
function feature(name: string, handler: string, more = ""): void {
  functions.write(
    `${name}/index.ts`,
    `import { bool, date32, defineFeature, float64, int32, int64, timestamp, utf8 } from "quiver";
import { z } from "zod";
export default defineFeature({
  description: "made for a test",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64, flag: bool },
  ${more}
  handler${handler},
});
`,
  );
}

/** A table keyed by symbol with this body. */
function table(name: string, body: string, more = "outputs: { ts: date32, x: float64 },"): void {
  functions.write(
    `${name}/index.ts`,
    `import { bool, date32, defineTable, float64, int32, int64, timestamp, utf8 } from "quiver";
import { tableFromArrays, vectorFromArray, Table, DateDay, TimestampMicrosecond, Utf8, Int64, Bool } from "apache-arrow";
export default defineTable({
  description: "made for a test",
  inputs: { bars: { close: float64 } },
  ${more}
  handler({ bars: { close } }, { ts, symbols, rowCount }): any { ${body} },
});
`,
  );
}

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
        'Cannot give the column "i32" of the input "from" as int32 without nulls: it has some. Declare it with orNull().',
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

describe("a table's handler that returns", () => {
  test.each([
    [
      "nothing",
      "",
      'returned a value of type undefined for symbol "S000000", expected an object of columns or an Arrow table.',
    ],
    [
      "a-promise",
      "return Promise.resolve({});",
      'returned a promise for symbol "S000000", expected an object of columns or an Arrow table.',
    ],
    ["no-x", "return { ts };", 'returned no column "x" for symbol "S000000".'],
    [
      "an-unknown-column",
      "return { ts, x: close, y: close };",
      'returned the column "y" for symbol "S000000", which is not among its outputs (ts, x).',
    ],
    [
      "unequal-lengths",
      "return { ts, x: close.subarray(1) };",
      'returned columns of different lengths (ts: 15, x: 14) for symbol "S000000".',
    ],
    [
      "another-array",
      "return { ts, x: Float32Array.from(close) };",
      'returned a Float32Array as the column "x", expected a Float64Array (float64) for symbol "S000000".',
    ],
    [
      "times-in-reverse",
      "return { ts: ts.toReversed(), x: close };",
      'returned `ts` out of order in row 1 for symbol "S000000", expected strictly ascending times.',
    ],
    [
      "a-time-twice",
      "return { ts: Int32Array.of(1, 2, 2), x: Float64Array.of(1, 2, 3) };",
      'returned `ts` out of order in row 2 for symbol "S000000", expected strictly ascending times.',
    ],
    [
      "a-null-time",
      "return { ts: [1, null], x: Float64Array.of(1, 2) };",
      'returned a null `ts` in row 1 for symbol "S000000".',
    ],
    [
      "half-a-day",
      "return { ts: [1.5], x: Float64Array.of(1) };",
      'returned the number 1.5 in row 0 of the column "ts", expected date32 for symbol "S000000".',
    ],
    [
      "text-as-number",
      'return { ts: [1], x: ["1"] };',
      'returned a string in row 0 of the column "x", expected float64 for symbol "S000000".',
    ],
    [
      "a-short-valid",
      "return { ts: Int32Array.of(1), x: { values: Float64Array.of(1), valid: new Uint8Array(2) } };",
      'returned `valid` of "x" that is not a Uint8Array as long as its values for symbol "S000000".',
    ],
  ])("%s", async (name, body, message) => {
    table(name, body);
    expect(await refusal(name)).toMatchObject({
      code: "contract-broken",
      message: `The handler of a table function ${message}`,
    });
    expect(functions.leftInSpool()).toEqual([]);
  });

  test("another symbol than the one it was given", async () => {
    table(
      "another-symbol",
      'return { symbol: ["S000009"], ts: [1], x: [1] };',
      "outputs: { symbol: utf8, ts: date32, x: float64 },",
    );
    expect((await refusal("another-symbol")).message).toBe(
      'The handler of a table function returned the `symbol` "S000009" in row 0 for symbol "S000000", expected the unit\'s own.',
    );
    table(
      "unknown-symbol",
      'return { symbol: ["S000002", "nobody"], ts: [1, 1], x: [1, 2] };',
      'outputs: { symbol: utf8, ts: date32, x: float64 }, partition: "whole",',
    );
    expect((await refusal("unknown-symbol")).message).toBe(
      'The handler of a table function returned the `symbol` "nobody" in row 1 for the whole selection, expected one of ' +
        "the symbols it was given.",
    );
  });

  test("a key twice, over two dates", async () => {
    table(
      "same-key",
      'return { symbol: ["S000002"], ts: [19000], x: [1] };',
      'outputs: { symbol: utf8, ts: date32, x: float64 }, partition: "date",',
    );
    expect((await refusal("same-key")).message).toBe(
      'The handler of a table function gave two rows for symbol "S000002" at 19000, expected unique keys.',
    );
  });

  test("an Arrow table, whose dates, times, text and nulls are taken over", async () => {
    table(
      "gives-arrow",
      `return new Table({
        ts: vectorFromArray([new Date(19000 * 864e5), new Date(19001 * 864e5)], new DateDay()),
        at: vectorFromArray([1.7e12, null], new TimestampMicrosecond("UTC")),
        text: vectorFromArray(["a", null], new Utf8()),
        n: vectorFromArray([2n ** 60n, null], new Int64()),
        yes: vectorFromArray([true, null], new Bool()),
        x: vectorFromArray([NaN, Infinity]),
      });`,
      "outputs: { ts: date32, at: timestamp, text: utf8, n: int64, yes: bool, x: float64 },",
    );
    const { columns, ts, facts } = await invoke("gives-arrow", { symbols: ["S000003"] });
    expect(ts).toEqual([19_000n, 19_001n]);
    expect(columns).toMatchObject({
      at: [1.7e12, null],
      text: ["a", null],
      n: [2n ** 60n, null],
      yes: [true, null],
      x: [null, null],
    });
    expect(facts.warnings).toEqual([
      { message: 'Output "x" held infinite values, stored as null', count: 1 },
    ]);
  });
});

describe("a definition that cannot be used is refused before anything runs:", () => {
  test.each([
    [
      "key-output",
      "outputs: { ts: date32 },",
      'has an output "ts", which every result has of its own. Give it another name.',
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
      'has an output "ts" and none that names the symbol: a unit that is not one symbol needs both keys. Add ' +
        '`symbol: utf8`, or give "ts" another name.',
    ],
    ["only-keys", "outputs: { ts: date32 },", "has keys and no other output, expected at least one."],
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

  test("that cannot be written down are refused", async () => {
    feature(
      "parses-to-function",
      "() {}",
      "params: z.object({ f: z.string().default('x').transform((s) => () => s) }),",
    );
    expect((await refusal("parses-to-function")).message).toBe(
      'The function "parses-to-function" threw TypeError: The parameter "f" is parsed to a function, which cannot be ' +
        "written down. Parse it to plain values, a Date, a Set or a Map.",
    );
  });
});
