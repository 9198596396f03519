import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InvocationRequest } from "../../../shared/protocol/invocation.ts";
import { refusalOf } from "../../support/author-functions.ts";
import { makeMarket } from "../../support/function-market.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

let functions: OpenedFunctions;
beforeAll(async () => {
  functions = await openFunctions({ fill: makeMarket, environment: { FIXTURE_TOKEN: "a" } });
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
      { inputs: { x: { dataset: "demo" } } },
      /^unknown-input: Cannot bind the input "x" of "rsi-macd": it has bars\.$/,
    ],
  ])("refuses %j, and runs nothing", async (request, message) => {
    const { code, message: sentence } = await refusalOf(check(request));
    expect(`${code}: ${sentence}`).toMatch(message);
    expect(functions.records).toEqual([]);
  });
});
