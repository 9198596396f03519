import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openClocks, type Clocks } from "../../../shared/time/index.ts";
import { readDataset } from "../../../runtime/store/read-dataset.ts";
import { dataFile, hasRealData } from "../../support/real-data.ts";
import { queryRows } from "../../support/open-loading.ts";
import { arrowRows, openTrainingApp, type TrainingApp } from "./training-app.ts";

/** Sums over all bars so far of what was restated most, and how many bars there were: any change before shows. */
const SUMS = `
import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "Running sums",
  inputs: { bars: { adj_close: float64, volume: float64 } },
  outputs: { adjusted: float64, volumes: float64, bars: float64 },
  handler({ bars }, out) {
    let adjusted = 0;
    let volumes = 0;
    for (let i = 0; i < bars.volume.length; i++) {
      out.adjusted[i] = adjusted += bars.adj_close[i];
      out.volumes[i] = volumes += bars.volume[i];
      out.bars[i] = i + 1;
    }
  },
});`;

interface Observation {
  readonly day: string;
  readonly known: number;
  readonly values: string;
}

describe.skipIf(!hasRealData)("training sets of real daily bars (skipped: ../shared is absent)", () => {
  let app: TrainingApp;
  let scratch: string;
  const symbols: string[] = [];
  /** By symbol, in order of day and known time, as SQL gives them. */
  const observed = new Map<string, Observation[]>();
  let asOf = 0;

  beforeAll(async () => {
    app = await openTrainingApp({ functions: { sums: SUMS } });
    scratch = mkdtempSync(join(tmpdir(), "quiver-training-"));
    const source = `read_parquet('${dataFile("us-daily/observations.parquet")}')`;
    // Those whose bars were restated most, and a few of the largest.
    const names = `symbol IN ('AAPL', 'AGNC', 'GILD', 'MRK', 'O', 'SBUX', 'STAG')`;
    const all = join(scratch, "all.parquet");
    const last = join(scratch, "last.parquet");
    await queryRows(`COPY (SELECT * FROM ${source} WHERE ${names}) TO '${all}'`);
    await queryRows(
      `COPY (SELECT DISTINCT ON (symbol, date) * EXCLUDE (seen) FROM '${all}' ORDER BY symbol, date, seen DESC) TO '${last}'`,
    );
    for (const [dataset, file] of [
      ["us-daily", all],
      ["us-last", last],
    ] as const) {
      const options = { calendar: "us-equities" };
      const response = await app.post(`/datasets/${dataset}/import`, { files: [file], options });
      if (!response.ok) throw new Error(await response.text());
      await app.publish(dataset === "us-last" ? "rsi-macd" : "sums", { dataset });
    }
    asOf = readDataset(app.dataDir, "us-daily").latestKnownTime ?? 0;
    const q =
      "select symbol, ts, known_at, adj_close, volume from us_daily.bars_observed order by symbol, ts, known_at";
    const answer = await app.post("/sql?format=arrow", { q });
    for (const row of arrowRows(new Uint8Array(await answer.arrayBuffer()))) {
      const [symbol, day, known, ...values] = row;
      const own = observed.get(String(symbol)) ?? [];
      own.push({ day: String(day), known: Date.parse(String(known)), values: JSON.stringify(values) });
      observed.set(String(symbol), own);
    }
    symbols.push(...observed.keys());
  });
  afterAll(async () => {
    await app.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Moments at odd times of day, the same in every run. */
  function randomRows(count: number): { readonly symbol: string; readonly at: number }[] {
    let seed = 7;
    const next = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    const from = Date.UTC(2015, 2, 10);
    const span = Date.UTC(2017, 3, 10) - from;
    return Array.from({ length: count }, () => ({
      symbol: symbols[Math.floor(next() * symbols.length)]!,
      at: Math.floor((from + next() * span) / 60_000) * 60_000,
    }));
  }

  const csv = (rows: readonly { readonly symbol: string; readonly at: number }[]) =>
    `symbol,ts\n${rows.map(({ symbol, at }) => `${symbol},${new Date(at).toISOString()}`).join("\n")}\n`;

  /** The second implementation, of held values: how many bars there are before the first that is not settled at a moment. */
  function settledBars(symbol: string, at: number): number {
    const byDay = Map.groupBy(
      (observed.get(symbol) ?? []).filter(({ known }) => known * 1000 <= asOf),
      ({ day }) => day,
    );
    let count = 0;
    for (const seen of byDay.values()) {
      const last = seen.findLastIndex((one, i) => i === 0 || one.values !== seen[i - 1]!.values);
      if (seen[last]!.known > at) return count;
      count++;
    }
    return count;
  }

  test("held values are those of the bars that nothing before was restated for, by a second implementation", async () => {
    const rows = randomRows(1500);
    const answer = await app.rows({ features: "us-daily:sums.bars" }, csv(rows));
    const expected = rows.map(({ symbol, at }) => settledBars(symbol, at) || null);
    expect(answer.map((row) => row[2])).toEqual(expected);
    expect(expected.filter((bars) => bars === null).length).toBeGreaterThan(5);
  });

  test("a held value is, bit for bit, what the function computes as of that moment", async () => {
    for (const day of ["2015-04-08", "2015-04-09", "2016-01-04", "2016-08-31"]) {
      const at = Date.parse(`${day}T23:30:00Z`);
      const features = "us-daily:sums.bars,us-daily:sums.adjusted,us-daily:sums.volumes";
      const answer = await app.rows({ features }, csv(symbols.map((symbol) => ({ symbol, at }))));
      const response = await app.post("/functions/sums?format=arrow", {
        dataset: "us-daily",
        asOf: new Date(at).toISOString(),
      });
      const then = new Map(
        arrowRows(new Uint8Array(await response.arrayBuffer())).map(([symbol, , adjusted, volumes, bars]) => [
          `${String(symbol)} ${String(bars)}`,
          [adjusted, volumes],
        ]),
      );
      const given = answer.filter((row) => row[2] !== null);
      expect(given.length).toBeGreaterThan(5);
      for (const [symbol, , bars, ...values] of given) {
        expect([symbol, bars, then.get(`${String(symbol)} ${String(bars)}`)]).toEqual([symbol, bars, values]);
      }
    }
  });

  test("without known times a bar counts from its session's close on, half days included, by a second implementation", async () => {
    const { clocks } = readDataset(app.dataDir, "us-last") as { clocks: Clocks };
    const clock = openClocks(clocks);
    const rows = [
      ...randomRows(1500),
      // The day after Thanksgiving ends at 13:00.
      { symbol: "AAPL", at: Date.parse("2015-11-27T17:59:00Z") },
      { symbol: "AAPL", at: Date.parse("2015-11-27T18:00:00Z") },
    ];
    const response = await app.post("/sql?format=arrow", {
      q: "select symbol, ts, rsi, macd from us_last.rsi_macd order by symbol, ts",
    });
    const bySymbol = Map.groupBy(arrowRows(new Uint8Array(await response.arrayBuffer())), ([symbol]) =>
      String(symbol),
    );
    const expected = rows.map(({ symbol, at }) => {
      const bar = bySymbol
        .get(symbol)
        ?.findLast(([, day]) => clock.knownTimeOf(Date.parse(String(day)) / 86_400_000) <= at * 1000);
      return bar === undefined ? [null, null] : bar.slice(2);
    });
    const answer = await app.rows({ features: "us-last:rsi-macd.rsi,us-last:rsi-macd.macd" }, csv(rows));
    expect(answer.map((row) => row.slice(2))).toEqual(expected);
    expect(expected.at(-1)).not.toEqual(expected.at(-2));
  });
});
