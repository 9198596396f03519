import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InvocationRequest } from "../../../shared/protocol/invocation.ts";
import { refusalOf } from "../../support/author-functions.ts";
import { makeMarket } from "../../support/function-market.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

let functions: OpenedFunctions;
beforeAll(async () => {
  functions = await openFunctions({ fill: makeMarket, environment: { FIXTURE_TOKEN: "a" } });
  const source = (
    inputs: string,
  ) => `import { broadcast, defineFeature, float64, fromFunction } from "quiver";
import { z } from "zod";
export default defineFeature({ description: "For a test", params: z.object({ index: z.string().default("IXIC") }),
  inputs: ({ index }) => ({ ${inputs} }), outputs: { x: float64 }, handler(_, out) { out.x.fill(1); } });\n`;
  const market = "market: broadcast(index, { columns: { close: float64 } })";
  functions.write("of-market/index.ts", source(market));
  functions.write(
    "reads-of-market/index.ts",
    source('it: fromFunction("of-market", { columns: { x: float64 } })').replaceAll("index", "unused"),
  );
});
afterAll(() => functions.close());

const check = (request: object) =>
  functions.parts.invoker.check({ function: "rsi-macd", dataset: "demo", ...request });

describe("check()", () => {
  test.each([
    ["all symbols where none is named", {}, 151],
    ["those that are named, whatever times", { symbols: ["S000002"], from: "2023-12-20" }, 60],
    ["none where none is", { symbols: [] }, 0],
    ["all where a query chooses them, which is not run", { symbols: { sql: "select nonsense" } }, 151],
  ])("counts the rows of %s", async (_, request: Partial<InvocationRequest>, rowCount) => {
    expect(await check(request)).toEqual({ rowCount });
    expect(functions.leftInSpool()).toEqual([]);
  });

  test.each([
    [
      { dataset: "dmo" },
      /^unknown-dataset: Cannot find the dataset "dmo": there are demo, levels, minutes, other, reports, sectors\. Did you mean "demo"\? "quiver import <dataset> <files>" makes one\.$/,
    ],
    [
      { function: "nobody" },
      /^unknown-function: Cannot find the function "nobody": there are .*, whole-summary\. "quiver new <name>" makes one\.$/,
    ],
    [
      { params: { perod: 2 } },
      /^unknown-parameter: Cannot find the parameter "perod" of "rsi-macd": it has period, fast, slow, signal, smoothing, seeding\. Did you mean "period"\?$/,
    ],
    [
      { symbols: ["NOPE"] },
      /^unknown-symbol: Cannot find the symbol "NOPE" in the dataset "demo", which has 5 symbols\. There are "S000000", "S000001", "S000002" and 2 more\.$/,
    ],
    [
      { function: "of-market", params: { index: "SPY" } },
      /^unknown-symbol: Cannot broadcast "SPY": dataset "demo" does not have it\. There are "S000000", "S000001", "S000002" and 2 more\. It is the parameter "index" of "of-market"\. Give another with `params\.index`\.$/,
    ],
    [
      { function: "reads-of-market" },
      /^unknown-symbol: Cannot broadcast "IXIC": dataset "demo" does not have it\. .* It is the parameter "index" of "of-market"\.$/,
    ],
    [
      { inputs: { x: { dataset: "demo" } } },
      /^unknown-input: Cannot bind the input "x" of "rsi-macd": it has bars\.$/,
    ],
  ])("refuses %j, and runs nothing", async (request, message) => {
    const { code, message: sentence } = await refusalOf(check(request));
    expect(`${code}: ${sentence}`).toMatch(message);
    expect(functions.records).toEqual([]);
  });
});
