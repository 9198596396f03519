import { DuckDBConnection } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openKnownBars } from "../../../runtime/training/join/known-rows.ts";
import { openSets } from "../../../runtime/training/join/open-sets.ts";
import type { WorkConnection } from "../../../runtime/training/join/work-connection.ts";
import { planTrainingSet } from "../../../runtime/training/plan-training-set.ts";
import { makeDataset } from "../../support/make-dataset.ts";
import { openTrainingApp, type TrainingApp } from "./training-app.ts";

const COLUMNS = [
  { name: "symbol", type: "utf8", nullable: false },
  { name: "ts", type: "date32", nullable: false },
  { name: "known_at", type: "timestamp", nullable: false },
  { name: "close", type: "float64", nullable: false },
] as const;

/** Twelve symbols of thirty days, every seventh bar restated three days later. */
const OBSERVED = `
  SELECT 'S' || lpad(s::VARCHAR, 2, '0') AS symbol, DATE '2024-01-01' + d::INTEGER AS ts,
         (TIMESTAMP '2024-01-01 22:00:00' + INTERVAL 1 DAY * (d + 3 * again))::TIMESTAMPTZ AS known_at,
         100.0 + s + d + again / 8.0 AS close
  FROM range(12) a(s), range(30) b(d), range(2) c(again)
  WHERE again = 0 OR (s * 5 + d) % 7 = 0`;

const ALL = Array.from({ length: 12 }, (_, s) => `S${String(s).padStart(2, "0")}`);
const FEW = ["S03", "S07"];

let app: TrainingApp;
beforeAll(async () => {
  app = await openTrainingApp();
  await makeDataset({ dataDir: app.dataDir, name: "seen", columns: COLUMNS, files: [OBSERVED] });
  for (const name of ["echo", "market", "next"]) {
    await app.publish(name, { dataset: "seen", asOf: "2024-02-20" });
  }
});
afterAll(() => app.close());

const rowsFor = (symbols: readonly string[]) =>
  ["2024-01-03", "2024-01-10T22:00:00Z", "2024-01-19T12:00:00Z", "2024-02-15"].flatMap((ts) =>
    symbols.map((symbol) => `${symbol},${ts.length > 10 ? ts : `${ts}T23:00:00Z`}`),
  );
const csv = (symbols: readonly string[]) => `symbol,ts\n${rowsFor(symbols).join("\n")}\n`;

describe("a training set of few of a dataset's symbols", () => {
  test.each([
    ["values that rest on the symbol's own bars", { features: "seen:echo" }],
    ["values that rest on all symbols' bars", { features: "seen:market" }],
    ["both", { features: "seen:echo,seen:market" }],
    ["restated values", { features: "seen:echo,seen:market", restated: "allow" }],
    [
      "labels and a split by bars",
      { features: "seen:echo", labels: "seen:next", split: "2024-01-08..2024-01-12", horizon: "3bars" },
    ],
  ])("has the same rows as one of all of them: %s", async (_, query) => {
    const all = await app.rows(query, csv(ALL));
    const few = await app.rows(query, csv(FEW));
    expect(few).toHaveLength(8);
    expect(few).toEqual(all.filter(([symbol]) => FEW.includes(String(symbol))));
  });

  test("reads those symbols' observations and no others, unless a value rests on them", async () => {
    const connection = await DuckDBConnection.create();
    const rows: WorkConnection["rows"] = async (sql) => (await connection.runAndReadAll(sql)).getRows();
    const work: Omit<WorkConnection, "raw"> = {
      rows,
      run: async (sql) => {
        await connection.run(sql);
      },
      count: async (sql) => Number((await rows(sql))[0]?.[0] ?? 0),
    };
    const nothing = { labels: undefined, timezone: undefined, restated: "hold", maxAge: undefined } as const;
    const noSplit = { split: undefined, folds: undefined, horizon: undefined, embargo: undefined };
    const symbolsRead = async (features: string, asked: readonly string[]) => {
      const { plan } = await planTrainingSet(app.dataDir, app.wired.services.catalog, {
        features,
        ...nothing,
        ...noSplit,
      });
      const known = await openKnownBars(work, app.dataDir, openSets(app.dataDir, plan.sets, asked));
      const [bars] = [...known.values()];
      const found = await rows(`SELECT DISTINCT symbol FROM ${bars?.table} ORDER BY symbol`);
      await work.run(`DROP TABLE ${bars?.table}; DROP TABLE ${bars?.table}_restated`);
      return found.map(([symbol]) => symbol);
    };
    try {
      expect(await symbolsRead("seen:echo", FEW)).toEqual(FEW);
      expect(await symbolsRead("seen:echo", [...FEW, "nobody's"])).toEqual(FEW);
      expect(await symbolsRead("seen:echo", ALL)).toEqual(ALL);
      expect(await symbolsRead("seen:echo,seen:market", FEW)).toEqual(ALL);
    } finally {
      connection.closeSync();
    }
  });
});
