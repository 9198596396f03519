import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { afterAll, expect, test } from "vitest";
import { cataloguePages } from "../../../runtime/cli/catalogue/catalogue-pages.ts";
import { docComment } from "../../../runtime/cli/catalogue/doc-comment.ts";
import { DescribedFunction, MeasuredCosts } from "../../../runtime/cli/catalogue/described-function.ts";
import { functionPage } from "../../../runtime/cli/catalogue/function-page.ts";
import { readCatalogue } from "../../../runtime/cli/catalogue/read-catalogue.ts";
import { settingsWith } from "../../support/settings-with.ts";
import { wire } from "../../../runtime/wire.ts";
import { SHIPPED_FUNCTIONS } from "../../support/shipped-functions.ts";
import { ROOT } from "../../tidy/source-files.ts";

const [FUNCTIONS, PAGES] = [join(ROOT, "functions"), join(ROOT, "docs", "catalogue")];
const quiet = () => undefined;
const wired = wire({
  settings: settingsWith({ functions: FUNCTIONS, data: join(ROOT, "data") }),
  holdsLock: false,
  version: "0",
  onAuthorOutput: quiet,
  onLog: quiet,
});
afterAll(() => wired.close());

/** The functions that the project ships: a user's function has no page here. */
async function shipped() {
  const catalogue = await readCatalogue(send, FUNCTIONS, join(PAGES, "cost.json"));
  const isShipped = (name: string) => SHIPPED_FUNCTIONS.some((one) => one === name);
  return {
    ...catalogue,
    functions: catalogue.functions.filter(({ described }) => isShipped(described.name)),
  };
}

const send = (path: string) => wired.app.fetch(new Request(new URL(path, "http://127.0.0.1")));

test("the catalogue's pages match the functions", async () => {
  const config = (await resolveConfig(join(PAGES, "README.md"))) ?? {};
  const pages = cataloguePages(await shipped());
  // Out of date? "npm run docs" rewrites them.
  expect(readdirSync(PAGES).toSorted()).toEqual([...pages.keys(), "cost.json"].toSorted());
  for (const [name, text] of pages) {
    const wanted = await format(text, { ...config, parser: "markdown" });
    expect(readFileSync(join(PAGES, name), "utf8"), `docs/catalogue/${name}`).toBe(wanted);
  }
});

test("every function's page has its formulas and their cost", async () => {
  const { functions, costs } = await shipped();
  expect(
    functions.filter(({ comment }) => comment === undefined).map(({ described }) => described.name),
  ).toEqual([]);
  // Missing? "bun test/bench/catalogue-cost.ts" measures them.
  const names = functions.map(({ described }) => described.name);
  expect(names.filter((name) => costs?.functions[name] === undefined)).toEqual([]);
});

test("docComment() takes the comment right above the definition and no other", () => {
  const source =
    "/** Of a helper. */\nfunction f() {}\n\n/**\n * Mean of *all*.\n *\n * - `a`: x\n */\nexport default g();\n";
  expect(docComment(source)).toBe("Mean of *all*.\n\n- `a`: x");
  expect(docComment("/** Of a helper. */\nfunction f() {}\nexport default g();\n")).toBeUndefined();
  expect(docComment("const a = 1;\n")).toBeUndefined();
});

test("functionPage() shows parameters, inputs of every kind and what a value depends on", () => {
  const column = { name: "close", type: "float64", nullable: false, unit: "none" };
  const described = DescribedFunction.parse({
    name: "f",
    description: "What it does",
    shape: "feature",
    kind: "label",
    partition: "symbol",
    bars: "daily",
    source: "A book, 1999",
    file: "f/index.ts",
    paramsSchema: {
      properties: { n: { type: "integer", minimum: 2, default: 5, description: "bars | of it" } },
    },
    params: { n: 5 },
    inputs: [
      { name: "bars", kind: "dataset", dataset: null, match: "exact", columns: [column] },
      { name: "index", kind: "broadcast", symbol: "SPY", columns: [column] },
      { name: "up", kind: "function", function: "returns", columns: [column] },
    ],
    outputs: [{ ...column, name: "out", unit: "ratio" }],
    lookBack: 4,
    stateLength: 0,
    warmUp: 0,
  });
  const costs = MeasuredCosts.parse({
    measured: "On a machine.",
    functions: { f: { bars: "daily", of: "handler", columns: 1, millisecondsPerMillionRows: 12 } },
  });
  const page = functionPage({
    described,
    comment: "Its formula.",
    more: undefined,
    cost: costs.functions["f"],
    measured: costs.measured,
  });
  expect(page.split("\n").map((line) => line.replaceAll(/ +/g, " "))).toEqual([
    "# f",
    "",
    "What it does. A **label**: it looks ahead, so features cannot read it; it works on one symbol at a time, from daily bars.",
    "",
    "Its formula.",
    "",
    "Source: A book, 1999.",
    "",
    "## Parameters",
    "",
    "| parameter | default | allowed | meaning |",
    "| --------- | ------- | -------------- | ------------- |",
    "| `n` | `5` | integer from 2 | bars \\| of it |",
    "",
    "## Inputs",
    "",
    "| input | from | columns |",
    "| ------- | ------------------------- | ------- |",
    "| `bars` | the dataset | `close` |",
    "| `index` | symbol `SPY` on every row | `close` |",
    "| `up` | function `returns` | `close` |",
    "",
    "## Columns",
    "",
    "| column | type | unit | null |",
    "| ------ | ------- | ----- | -------- |",
    "| `out` | float64 | ratio | possible |",
    "",
    "## Memory and cost",
    "",
    "- look-back: 4 bars; bars before these do not change any bit of a value",
    "",
    "Cost: 12 ms per million daily bars in the handler, 12 ns per row and column. On a machine.",
  ]);
});
