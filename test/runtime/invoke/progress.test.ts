import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InvocationProgress, InvocationRequest } from "../../../shared/protocol/invocation.ts";
import { makeMarket } from "../../support/function-market.ts";
import { SLOW } from "../../support/job-app.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

let functions: OpenedFunctions;
beforeAll(async () => {
  functions = await openFunctions({
    fill: makeMarket,
    environment: { FIXTURE_TOKEN: "a" },
    settings: { resultBytes: 2 ** 30 },
  });
  functions.write("slow/index.ts", SLOW);
  functions.write(
    "on-months/index.ts",
    `import { defineFeature, float64, fromFunction } from "quiver";
export default defineFeature({
  description: "on the rows of a table",
  inputs: { months: fromFunction("monthly-last", { columns: { close: float64 } }) },
  outputs: { twice: float64 },
  handler({ months }, out) { for (let i = 0; i < months.close.length; i++) out.twice[i] = months.close[i] * 2; },
});
`,
  );
});
afterAll(() => functions.close());

async function progressOf(request: InvocationRequest): Promise<readonly InvocationProgress[]> {
  const told: InvocationProgress[] = [];
  await functions.invoke(request, { onProgress: (progress) => told.push(progress) });
  return told;
}

const text = ({ stage, rowsDone, rowCount, partitionsDone, partitionCount }: InvocationProgress) =>
  `${stage} ${rowsDone}/${rowCount} ${partitionsDone}/${partitionCount}`;

describe("progress", () => {
  // It once came when a partition had ended, and told nothing for most of a job over a whole market.
  test("is told as soon as there is a plan, and while a partition is at work", async () => {
    const symbols = ["S000001", "S000002", "S000003"];
    const { outputRowCount } = await functions.parts.invoker.explain({ function: "slow", symbols });
    const told = await progressOf({ function: "slow", symbols, params: { milliseconds: 550 } });
    expect([...new Set(told.map(({ rowCount }) => rowCount))]).toEqual([outputRowCount]);
    const counts = (await functions.invoke({ function: "slow", symbols })).symbols.reduce(
      (rows, symbol) => ({ ...rows, [symbol]: (rows[symbol] ?? 0) + 1 }),
      {} as Record<string, number>,
    );
    const [a = 0, b = 0, c = 0] = symbols.map((symbol) => counts[symbol]);
    const all = a + b + c;
    expect(told.map(text)).toEqual([
      `loading 0/${all} 0/1`,
      `slow 0/${all} 0/1`,
      `slow ${a}/${all} 0/1`,
      `slow ${a + b}/${all} 0/1`,
      `slow ${all}/${all} 0/1`,
      `slow ${all}/${all} 1/1`,
    ]);
  });

  test("counts every function that runs, and names what is no function in words", async () => {
    const { stages } = await functions.parts.invoker.explain({ function: "two-orders" });
    const told = await progressOf({ function: "two-orders" });
    expect(new Set(told.map(({ stage }) => stage))).toEqual(
      new Set(["loading", "symbol-number", "rank-by-date", "sorting rows by symbol", "two-orders"]),
    );
    const rowCount = stages
      .flatMap(({ partitions }) => partitions)
      .reduce((sum, partition) => sum + partition.outputRowCount, 0);
    expect(rowCount).toBe(4 * (stages.at(-1)?.partitions ?? []).reduce((n, p) => n + p.outputRowCount, 0));
    expect(told[0]).toMatchObject({ stage: "loading", rowsDone: 0, rowCount, rowsFound: 0 });
    const rows = told.map(({ rowsDone }) => rowsDone);
    expect(rows).toEqual(rows.toSorted((x, y) => x - y));
    const partitionCount = stages.reduce((sum, { partitions }) => sum + partitions.length, 0);
    expect(told.at(-1)).toMatchObject({
      stage: "two-orders",
      rowsDone: rowCount,
      rowCount,
      partitionsDone: partitionCount,
      partitionCount,
      rowsFound: 0,
    });
  });

  test("counts what need not be computed as done, and as found", async () => {
    await functions.invoke({ function: "two-orders", from: "2023-12-20" });
    const told = await progressOf({ function: "two-orders", from: "2023-12-20" });
    const [{ rowCount, partitionCount }] = told as [InvocationProgress];
    expect(told.map(text)).toEqual([
      `loading 0/${rowCount} 0/${partitionCount}`,
      `loading ${rowCount}/${rowCount} ${partitionCount}/${partitionCount}`,
    ]);
    expect(told.at(-1)?.rowsFound).toBe(rowCount);
  });

  test("goes on from the rows of a table that has to be computed before there is a plan", async () => {
    const told = await progressOf({ function: "on-months" });
    const inner = told.filter(({ stage }) => stage === "monthly-last").at(-1)!;
    expect(inner.rowsDone).toBe(inner.rowCount);
    const outer = told[told.indexOf(inner) + 1]!;
    expect(outer).toMatchObject({
      stage: "loading",
      rowsDone: inner.rowCount,
      partitionsDone: inner.partitionCount,
    });
    expect(outer.rowCount).toBeGreaterThan(inner.rowCount);
    expect(told.at(-1)).toMatchObject({
      stage: "on-months",
      rowsDone: outer.rowCount,
      rowCount: outer.rowCount,
    });
  });
});
