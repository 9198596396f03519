import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { changesBetween } from "../../../runtime/store/dataset-changes.ts";
import { type ImportBench, openImport } from "./open-import.ts";

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

const HEADER = "symbol,date,open,high,low,close,volume";
const DAY = 19_723;
const bar = (symbol: string, day: number, close = 10, volume = 100) =>
  `${symbol},2024-01-${String(day).padStart(2, "0")},10,20,5,${close},${volume}`;
let number = 0;
const importing = async (lines: readonly string[], header = HEADER, more: object = {}) => {
  const file = bench.file(`bars-${number++}.csv`, [header, ...lines].join("\n"));
  await bench.run({ files: [file], timezone: "America/New_York", ...more });
  return bench.record().fingerprint;
};
const between = (from: string, to: string, ...columns: string[]) => {
  const changes = changesBetween(bench.dataDir, "bars", from, to, columns);
  return changes === undefined
    ? undefined
    : Object.fromEntries([...changes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
};
/** The day of January 2024 as the dataset counts days. */
const on = (day: number) => DAY + day - 1;

describe("what imports note of their changes", () => {
  test("is the first new bar of each symbol, and what was restated column by column", async () => {
    const first = await importing([bar("A", 2), bar("A", 3), bar("A", 4), bar("B", 3)]);
    const second = await importing([bar("A", 5), bar("B", 4), bar("C", 2), bar("C", 3)]);
    expect(between(first, second, "close")).toEqual({ A: on(5), B: on(4), C: on(2) });
    // A's volume is another on the 3rd, B's close on the 4th; C is told again as it was.
    const third = await importing([bar("A", 3, 10, 200), bar("B", 4, 11), bar("C", 2)]);
    expect(between(second, third, "close")).toEqual({ B: on(4) });
    expect(between(second, third, "volume")).toEqual({ A: on(3) });
    expect(between(second, third)).toEqual({});
    expect(between(first, third, "close", "volume")).toEqual({ A: on(3), B: on(4), C: on(2) });
  });

  test("is an earlier bar that comes late, as a new one", async () => {
    const first = await importing([bar("A", 2), bar("A", 8)]);
    const second = await importing([bar("A", 4), bar("A", 9)]);
    expect(between(first, second, "close")).toEqual({ A: on(4) });
  });

  test("is of bitemporal bars what the latest observation says otherwise", async () => {
    const header = `${HEADER},seen`;
    const seen = (line: string, day: number) => `${line},2024-01-${String(day).padStart(2, "0")}`;
    const more = { knownAt: "seen" };
    const first = await importing(
      [seen(bar("A", 2), 2), seen(bar("A", 3), 3), seen(bar("B", 3), 3)],
      header,
      more,
    );
    // All are seen again: A's bar of the 3rd with another volume, B's as it was.
    const second = await importing(
      [seen(bar("A", 2), 4), seen(bar("A", 3, 10, 300), 4), seen(bar("B", 3), 4), seen(bar("B", 4), 4)],
      header,
      more,
    );
    expect(between(first, second, "close")).toEqual({ B: on(4) });
    expect(between(first, second, "volume")).toEqual({ A: on(3), B: on(4) });
    expect(between(first, second, "known_at")).toEqual({ A: on(2), B: on(3) });
    // What was seen earlier than what is there changes nothing that is known now.
    const third = await importing([seen(bar("A", 3, 17), 3)], header, more);
    expect(between(second, third, "close")).toEqual({});
  });

  test("is unknown where no chain of imports leads from one version to the other", async () => {
    const first = await importing([bar("A", 2)]);
    const second = await importing([bar("A", 3)]);
    expect(between(second, first, "close")).toBeUndefined();
    expect(between("another", second, "close")).toBeUndefined();
    expect(between(second, second, "close")).toEqual({});
  });
});
