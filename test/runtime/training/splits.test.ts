import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, makeDataset } from "../../support/make-dataset.ts";
import { factsOf, openTrainingApp, warningsOf, type TrainingApp } from "./training-app.ts";

const DAY_MS = 86_400_000;

let app: TrainingApp;
beforeAll(async () => {
  app = await openTrainingApp();
  // Every day is a bar, so that the fifth bar from now ends five days later; B ends early.
  const bars = `SELECT s AS symbol, DATE '2024-01-01' + i::INTEGER AS ts, 1.0 AS open, 1.0 AS high, 1.0 AS low, 1.0 AS close, 1.0 AS volume
    FROM range(60) r(i), (VALUES ('A', 60), ('B', 30)) t(s, n) WHERE i < n`;
  const clocks = {
    timezone: "UTC",
    stamp: "start",
    intervalSeconds: "1d",
    calendar: null,
    sessions: null,
    availabilitySeconds: 0,
  } as const;
  await makeDataset({ dataDir: app.dataDir, name: "demo", columns: DAILY_COLUMNS, files: [bars], clocks });
  await app.publish("echo", { dataset: "demo" });
});
afterAll(() => app.close());

interface Row {
  readonly symbol: string;
  readonly day: number;
  readonly fold: string;
}

/** Two symbols, each day once, fold by fold of ten days. */
const rows: Row[] = Array.from({ length: 50 }, (_, day) => ({
  symbol: day % 2 === 0 ? "A" : "B",
  day,
  fold: `f${Math.floor(day / 10)}`,
}));
const dateOf = (day: number) => new Date(Date.UTC(2024, 0, 1) + day * DAY_MS).toISOString().slice(0, 10);
const csv = `symbol,ts,fold\n${rows.map(({ symbol, day, fold }) => `${symbol},${dateOf(day)},${fold}`).join("\n")}\n`;

/** The definition, word for word: each row against each test row. */
function partsOf(
  isTest: (row: Row) => boolean,
  isLater: (row: Row) => boolean,
  endOf: (row: Row) => number,
  embargo: number,
): string[] {
  const tests = rows.filter(isTest);
  return rows.map((row) => {
    if (isTest(row)) return "test";
    if (isLater(row)) return "later";
    if (tests.some((other) => row.day <= endOf(other) && other.day <= endOf(row))) return "purged";
    if (tests.some((other) => endOf(other) < row.day && row.day <= endOf(other) + embargo)) return "embargo";
    return "train";
  });
}

async function split(query: Record<string, string>): Promise<unknown[][]> {
  const answer = await app.rows({ features: "demo:echo.last", ...query }, csv);
  return answer.map((row) => row.slice(3, -1));
}

describe("the split column", () => {
  test("walk-forward: what reaches into the test side does not train, and what follows it waits for its own round", async () => {
    const answer = await split({ split: "2024-01-21,2024-02-05", horizon: "3d", embargo: "5d" });
    const at = (from: number, to: number) => ({
      isTest: ({ day }: Row) => day >= from && day < to,
      isLater: ({ day }: Row) => day >= from,
    });
    const first = at(20, 35);
    const second = at(35, 99);
    const endOf = ({ day }: Row) => day + 3;
    const expected = [
      partsOf(first.isTest, first.isLater, endOf, 5),
      partsOf(second.isTest, second.isLater, endOf, 5),
    ];
    expect(answer).toEqual(rows.map((_, i) => expected.map((parts) => parts[i])));
    // The first round by eye: the label of day 17 ends at the moment of day 20.
    expect(answer.slice(15, 21).map(([part]) => part)).toEqual([
      "train",
      "train",
      "purged",
      "purged",
      "purged",
      "test",
    ]);
  });

  test("a stretch: both its sides are purged, and the embargo follows the labels of the test side", async () => {
    const response = await app.ask(
      {
        features: "demo:echo.last",
        split: "2024-01-21..2024-01-26",
        horizon: "2d",
        embargo: "3d",
        format: "csv",
      },
      csv,
    );
    expect(factsOf(response)["splits"]).toEqual([
      { column: "split", rows: { embargo: 3, purged: 4, test: 5, train: 38 } },
    ]);
    const answer = await split({ split: "2024-01-21..2024-01-26", horizon: "2d", embargo: "3d" });
    const isTest = ({ day }: Row) => day >= 20 && day < 25;
    const expected = partsOf(
      isTest,
      () => false,
      ({ day }) => day + 2,
      3,
    );
    expect(answer.map(([part]) => part)).toEqual(expected);
  });

  test("folds of a column: each is tested once, and a horizon in bars ends with the symbol's bars", async () => {
    const answer = await split({ folds: "fold", horizon: "4 bars", embargo: "1d" });
    // B's bars end with day 29: so does every label of it, and what comes later has none.
    const endOf = ({ symbol, day }: Row) => Math.max(day, Math.min(day + 4, symbol === "B" ? 29 : 59));
    const folds = ["f0", "f1", "f2", "f3", "f4"];
    const expected = folds.map((name) =>
      partsOf(
        ({ fold }) => fold === name,
        () => false,
        endOf,
        1,
      ),
    );
    expect(answer).toEqual(rows.map((_, i) => expected.map((parts) => parts[i])));
  });

  // A split after all rows trained on every one, and tested nothing.
  test.each([
    ["has no row to test", "2024-06-01", "no row is on the test side of split"],
    ["has no row to train", "2023-01-01", "no row trains in split"],
    ["has neither in one of two rounds", "2024-01-21,2024-06-01", "no row is on the test side of split_2"],
    ["has both", "2024-01-21", ""],
  ])("comes with a warning where it %s", async (_, moment, warning) => {
    const query = { features: "demo:echo.last", split: moment, horizon: "1d", format: "csv" };
    expect(warningsOf(await app.ask(query, csv))).toBe(warning);
    expect(warningsOf(await app.ask(query, "symbol,ts\n"))).toBe("");
  });

  test("is refused where it could not be told what overlaps", async () => {
    const told = async (query: Record<string, string>) => {
      const response = await app.ask({ features: "demo:echo.last", ...query }, csv);
      return Object(await response.json()) as { detail: string };
    };
    const details = [
      await told({ split: "2024-01-21" }),
      await told({ horizon: "3d" }),
      await told({ split: "2024-01-21", folds: "fold", horizon: "3d" }),
      await told({ split: "2024-02-21,2024-01-21", horizon: "3d" }),
      await told({ split: "2024-01-21..2024-01-26,2024-02-01", horizon: "3d" }),
      await told({ split: "2024-01-21", horizon: "soon" }),
      await told({ folds: "folds", horizon: "3d" }),
    ].map(({ detail }) => detail);
    expect(details).toEqual([
      'Cannot split without `horizon`: rows whose label overlaps the test side must not train. Expected how far the labels look ahead, for example "5 bars" or "7d"; "0 bars" if there are no labels.',
      'Cannot use `horizon` "3d": expected it together with `split` or `folds`.',
      'Cannot use `folds` "fold": expected either `split` or `folds`, not both.',
      'Cannot use `split` "2024-02-21,2024-01-21": expected moments in ascending order.',
      'Cannot use `split` "2024-01-21..2024-01-26,2024-02-01": expected either moments or stretches from..to, not both.',
      'Cannot read `horizon` "soon": expected a number of bars such as "5 bars", or a duration such as "30m" or "7d".',
      'Cannot read the entity rows: there is no column "folds" for `folds`, only symbol, ts, fold. Did you mean "fold"? Name it.',
    ]);
  });
});
