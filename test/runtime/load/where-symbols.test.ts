import { expect, test } from "vitest";
import { whereSymbols } from "../../../runtime/load/fill/dataset-reader.ts";
import { queryRows } from "../../support/open-loading.ts";

const BARS = "(SELECT 'S' || (i % 50) AS symbol, i FROM range(1000) t(i))";

/**
 * Several queries over the same rows must return them in the same order, that of the files: one reads the keys, others
 * the columns. `symbol IN (…)` was planned as a hash join, whose order varied from run to run, so that the text of one
 * row ended up beside the close of another.
 */
test("whereSymbols() is a filter and no join, however many symbols there are", async () => {
  for (const count of [1, 2, 10, 50]) {
    const symbols = Array.from({ length: count }, (_, i) => `S${i}`).toSorted();
    const where = whereSymbols(symbols);
    const plan = await queryRows(`EXPLAIN SELECT i FROM ${BARS}${where}`);
    expect(String(plan[0]?.[1])).not.toContain("JOIN");
    const rows = await queryRows(`SELECT i::DOUBLE, symbol FROM ${BARS}${where}`);
    expect(rows.map(([i]) => i)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i).filter((i) => symbols.includes(`S${i % 50}`)),
    );
  }
});

test("whereSymbols() takes what stands in symbols as it stands, and no symbol for none", async () => {
  const odd = ["A'B", "C\\", "株"];
  const from = `(SELECT unnest(['A''B', 'C\\', '株', 'D', 'A']) AS symbol)`;
  const found = await queryRows(`SELECT symbol FROM ${from}${whereSymbols(odd)}`);
  expect(found).toEqual([["A'B"], ["C\\"], ["株"]]);
  expect(await queryRows(`SELECT symbol FROM ${from}${whereSymbols([])}`)).toEqual([]);
  expect(whereSymbols(null)).toBe("");
});
