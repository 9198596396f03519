import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

const IMPORTS = `import { defineFeature, defineTable, date32, float64, fromFunction, int32 } from "quiver";\n`;
const of = (name: string, columns = "x: float64") => `fromFunction("${name}", { columns: { ${columns} } })`;
const feature = (inputs: string, outputs: string, handler: string, more = "") =>
  `${IMPORTS}export default defineFeature({ description: "For a test", ${more} inputs: { u: ${inputs} }, outputs: { ${outputs} },
  handler({ u }, out, { state }) { console.log("ran"); ${handler} } });\n`;
const COPY = "out.x.set(u.x);";

/** Each kind of what is published and read: with nulls and infinite values, with look-back, with a state, a table. */
const SOURCES: Readonly<Record<string, string>> = {
  plain: feature(
    "{ close: float64 }",
    "x: float64, n: int32",
    `u.close.forEach((close, i) => {
       out.x[i] = i === 0 ? Infinity : i % 5 === 1 ? NaN : close;
       if (i % 3 !== 0) { out.n.values[i] = i; out.n.valid[i] = 1; }
     });`,
    "lookBack: 2,",
  ),
  recursive: feature(
    "{ close: float64 }",
    "x: float64",
    "u.close.forEach((close, i) => { out.x[i] = state[0] += close; });",
    "stateLength: 1,",
  ),
  table: `${IMPORTS}export default defineTable({ description: "Every second bar", inputs: { u: { close: float64 } }, outputs: { ts: date32, x: float64 },
  handler({ u }, { ts }) {
    console.log("ran");
    const keep = [...ts.keys()].filter((row) => row % 2 === 0);
    return { ts: Int32Array.from(keep, (row) => ts[row]), x: Float64Array.from(keep, (row) => u.close[row]) };
  } });\n`,
  across: feature(
    "{ close: float64 }",
    "x: float64",
    "u.close.forEach((close, i) => (out.x[i] = close / u.close[0]));",
    'partition: "date",',
  ),
};
const READERS = {
  "reads-plain": feature(
    of("plain", "x: float64, n: int32.orNull()"),
    "x: float64",
    `u.x.forEach((x, i) => (out.x[i] = x + (u.n.valid[i] ? u.n.values[i] : 0)));`,
  ),
  "reads-recursive": feature(of("recursive"), "x: float64", COPY),
  "reads-table": feature(of("table"), "x: float64", COPY),
  "reads-across": feature(of("across"), "x: float64", COPY),
};

let functions: OpenedFunctions;
let ran = 0;
beforeAll(async () => {
  functions = await openFunctions({
    settings: { resultBytes: 1 << 26 },
    fill: (dataDir) =>
      makeDataset({
        dataDir,
        name: "demo",
        columns: DAILY_COLUMNS,
        files: [dailyBarsSql({ symbolCount: 6, dayCount: 80 })],
      }),
  });
  for (const [name, source] of Object.entries({ ...SOURCES, ...READERS }))
    functions.write(`${name}/index.ts`, source);
});
afterAll(() => functions.close());

/** Publishes, and says how often handlers ran for it. */
async function publish(name: string, more: { forReaders?: boolean; as?: string; recompute?: boolean } = {}) {
  ran = 0;
  const { recompute = false, ...request } = more;
  const onLog = (text: string) => {
    ran += text.split("ran").length - 1;
  };
  const { manifest } = await functions.publish(
    { function: name, dataset: "demo", ...request },
    { onLog, recompute },
  );
  return { manifest, ran };
}

describe("publish() for functions that read it", () => {
  test.each(Object.keys(SOURCES))("computes %s once, for its version and for who reads it", async (name) => {
    const units = name === "across" ? 80 : 6;
    const alone = await publish(name, { as: `${name}-alone` });
    const shared = await publish(name, { forReaders: true, recompute: true });
    expect([alone.ran, shared.ran]).toEqual([units, units]);
    // The version is the same, whatever is written besides.
    const same = ({ manifest }: typeof alone) => {
      const { rowChecksum, rowCount, schema, lineage, parts } = manifest;
      return { rowChecksum, rowCount, schema, lineage, parts: parts.map(({ sha256 }) => sha256) };
    };
    expect(same(shared)).toEqual(same(alone));
    const reader = await publish(`reads-${name}`);
    expect(reader.ran).toBe(6);
    const anew = await publish(`reads-${name}`, { as: `${name}-anew`, recompute: true });
    expect(anew.ran).toBe(6 + units);
    expect([anew.manifest.rowChecksum, anew.manifest.rowCount]).toEqual([
      reader.manifest.rowChecksum,
      reader.manifest.rowCount,
    ]);
  });

  test("computes what others wait for once, where all begin at the same time", async () => {
    functions.write("plain/index.ts", `${SOURCES["plain"]}// Other code.\nglobalThis.other = 1;\n`);
    ran = 0;
    const onLog = (text: string) => {
      ran += text.split("ran").length - 1;
    };
    await Promise.all([
      functions.publish({ function: "plain", dataset: "demo", forReaders: true }, { onLog }),
      functions.publish({ function: "reads-plain", dataset: "demo" }, { onLog }),
    ]);
    // Whoever was first: at most the version is computed by itself.
    expect([12, 18]).toContain(ran);
  });
});
