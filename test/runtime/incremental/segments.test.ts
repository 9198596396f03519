import { appendFileSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dailyBarsSql } from "../../support/make-dataset.ts";
import type { Manifest } from "../../../runtime/store/manifest.ts";
import { queryRows } from "../../support/open-loading.ts";
import { type GrownData, openGrownData } from "./grown-data.ts";

let data: GrownData;
beforeAll(async () => {
  data = await openGrownData();
});
afterAll(() => data.close());

/** Versions of this many histories come in six segments and two processes. */
const history = dailyBarsSql({ symbolCount: 300, dayCount: 2_300 });
const later = (days: number, where = "true") =>
  `SELECT symbol, ts + ${days} AS ts, open, high, low, close, volume FROM (${history}) WHERE ts = DATE '2024-01-01' AND ${where}`;

describe("publish() of a version in segments", () => {
  const publish = (name: string) => data.publish({ function: name, dataset: "large" });
  const dirOf = (name: string) => join(data.dir, "data", "large", "features", name);
  const partsOf = ({ parts }: Manifest) => parts.filter(({ path }) => !path.includes("late-"));

  test("refers to what stays, computes segments of restated symbols whole, and late rows of all", async () => {
    await data.importRows("large", history);
    const first = await publish("rsi-macd");
    const kept = partsOf(first);
    expect([kept.length, first.parts.length]).toEqual([4, 6]);
    await data.importRows("large", later(1));
    const second = await publish("rsi-macd");
    expect(second.made).toMatchObject({ symbolsRecomputed: 0, partsReferenced: 4 });
    expect(partsOf(second)).toEqual(
      kept.map((part) => ({ ...part, path: `../${first.version}/${part.path}` })),
    );
    const lateRows = second.made!.rowsComputed;
    expect(lateRows).toBe(second.rowCount - kept.reduce((sum, { rowCount }) => sum + rowCount, 0));
    // One bar of the last symbol, a fortnight before the end, and a day more of some.
    await data.importRows(
      "large",
      `SELECT * REPLACE (close * 1.0001::FLOAT AS close) FROM (${history}) WHERE symbol = 'S000299' AND ts = DATE '2023-12-20'`,
    );
    await data.importRows("large", later(2, "symbol < 'S000010'"));
    const third = await publish("rsi-macd");
    const [anew, ...others] = partsOf(third).filter(({ path }) => !path.startsWith(".."));
    expect([anew?.lastSymbol, others]).toEqual(["S000299", []]);
    expect(third.made).toEqual({
      appendedTo: second.version,
      symbolsRecomputed: 300 - Number(anew!.firstSymbol.slice(1)),
      partsReferenced: 3,
      rowsComputed: lateRows + 10 + anew!.rowCount,
    });
    // Every row is in the files once, wherever they lie.
    const files = third.parts.map(({ path }) => `'${join(dirOf("rsi-macd"), third.version, path)}'`);
    const [[rows, keys]] = (await queryRows(
      `SELECT count(*)::DOUBLE, count(DISTINCT (symbol, ts))::DOUBLE FROM read_parquet([${files.join(", ")}])`,
    )) as [[number, number]];
    expect([rows, keys]).toEqual([third.rowCount, third.rowCount]);
  });

  test("refers to every file where nothing that it reads has changed", async () => {
    const first = await publish("relative-volume");
    await data.importRows(
      "large",
      `SELECT * REPLACE (close * 1.0002::FLOAT AS close) FROM (${history}) WHERE symbol = 'S000007' AND ts = DATE '2023-12-20'`,
    );
    const second = await publish("relative-volume");
    expect(second.parts).toEqual(
      first.parts.map((part) => ({ ...part, path: `../${first.version}/${part.path}` })),
    );
    // And what goes on from it knows of its late rows.
    await data.importRows("large", later(3));
    const third = await publish("relative-volume");
    expect(third.made).toMatchObject({ appendedTo: second.version, partsReferenced: 4 });
  });

  test("settles late rows in files that later versions refer to", async () => {
    await publish("returns");
    await data.importRows("large", later(40));
    const settling = await publish("returns");
    const isNew = (path: string) => !path.startsWith("..");
    expect(partsOf(settling).map(({ path }) => isNew(path))).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
    await data.importRows("large", later(41));
    const next = await publish("returns");
    expect(next.made).toMatchObject({ appendedTo: settling.version, partsReferenced: 8 });
    expect(next.made!.rowsComputed).toBe(600);
  });

  test("computes everything when a file it would refer to is gone, and when its resume file was changed", async () => {
    const { manifest } = await data.functions.publish({ function: "returns", dataset: "large" });
    appendFileSync(join(dirOf("returns"), manifest.version, "resume.bin"), "x");
    await data.importRows("large", later(44));
    const second = await publish("returns");
    expect(second.made).toMatchObject({ appendedTo: null, partsReferenced: 0 });
    rmSync(join(dirOf("returns"), second.version, "part-00001.parquet"));
    await data.importRows("large", later(45));
    expect((await publish("returns")).made).toMatchObject({ appendedTo: null, partsReferenced: 0 });
    await data.importRows("large", later(46));
    expect((await publish("returns")).made).toMatchObject({ partsReferenced: 4 });
  });

  test("keeps the old version when a process that appends dies, and goes on from it when it is mended", async () => {
    const source = (limit: number) => `import { defineFeature, float64 } from "quiver";
      export default defineFeature({
        description: "the sum of closes so far",
        inputs: { bars: { close: float64 } },
        outputs: { total: float64 },
        memory: { stateLength: 1 },
        handler({ bars }, out, { state, ordinal }) {
          if (ordinal + bars.close.length > ${limit}) process.exit(3);
          for (let i = 0; i < bars.close.length; i++) out.total[i] = state[0] += bars.close[i];
        },
      });`;
    data.functions.write("fragile/index.ts", source(2_307));
    const first = await data.functions.publish({ function: "fragile", dataset: "large" });
    await data.importRows("large", later(47));
    const failing = data.functions.publish({ function: "fragile", dataset: "large" });
    await expect(failing).rejects.toThrow(/exited|ended|exit/);
    const setDir = dirOf("fragile");
    expect(JSON.parse(readFileSync(join(setDir, "current.json"), "utf8"))).toEqual({
      version: first.manifest.version,
    });
    expect(readdirSync(join(setDir, ".staging"))).toEqual([]);
    // Other code computes everything anew, however little it differs.
    data.functions.write("fragile/index.ts", source(1e9));
    expect((await publish("fragile")).made?.appendedTo).toBeNull();
    await data.importRows("large", later(48));
    // Bars of six days since the last settled one.
    expect((await publish("fragile")).made?.rowsComputed).toBe(1_800);
  });
});
