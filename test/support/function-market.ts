import { DAILY_COLUMNS, dailyBarsSql, makeDataset, MINUTE_CLOCKS } from "./make-dataset.ts";

/** Bars of five symbols with histories of 15, 1, 60, 45 and 30 days, all ending on the same day. */
export const MARKET = { symbolCount: 5, dayCount: 60 } as const;

/** The dataset `demo`, with what other kinds of input need beside it. */
export async function makeMarket(dataDir: string): Promise<void> {
  await makeDataset({ dataDir, name: "demo", columns: DAILY_COLUMNS, files: [dailyBarsSql(MARKET)] });
  await makeDataset({
    dataDir,
    name: "other",
    columns: DAILY_COLUMNS,
    files: [dailyBarsSql({ symbolCount: 2, dayCount: 10, seed: 9 })],
  });
  await makeDataset({
    dataDir,
    name: "reports",
    kind: "series",
    columns: [
      { name: "symbol", type: "utf8", nullable: false },
      { name: "ts", type: "date32", nullable: false },
      { name: "value", type: "float64", nullable: false },
    ],
    files: [
      `SELECT 'S00000' || i AS symbol, DATE '2023-12-01' + d::INTEGER AS ts, (i * 100 + d)::DOUBLE AS value
       FROM range(4) s(i), (VALUES (19), (26)) t(d)`,
    ],
  });
  await makeDataset({
    dataDir,
    name: "minutes",
    columns: DAILY_COLUMNS.map((column) =>
      column.name === "ts" ? { ...column, type: "timestamp" } : column,
    ),
    clocks: MINUTE_CLOCKS,
    files: [
      // The last two minutes of a session in New York, and the first of the next.
      `SELECT 'S000000' AS symbol, t AS ts, 1::FLOAT AS open, 1::FLOAT AS high, 1::FLOAT AS low, 1::FLOAT AS close, 1::DOUBLE AS volume
       FROM (VALUES (TIMESTAMPTZ '2024-01-02 14:30:00Z'), (TIMESTAMPTZ '2024-01-02 20:58:00Z'),
                    (TIMESTAMPTZ '2024-01-02 20:59:00Z'), (TIMESTAMPTZ '2024-01-03 14:30:00Z')) v(t)`,
    ],
  });
  await makeDataset({
    dataDir,
    name: "levels",
    kind: "series",
    columns: [
      { name: "symbol", type: "utf8", nullable: false },
      { name: "ts", type: "date32", nullable: false },
      { name: "level", type: "float64", nullable: false },
    ],
    files: [
      `SELECT 'S000000' AS symbol, DATE '2024-01-01' + d::INTEGER AS ts, (d + 1)::DOUBLE AS level FROM range(2) t(d)`,
    ],
  });
  await makeDataset({
    dataDir,
    name: "sectors",
    kind: "attributes",
    columns: [
      { name: "symbol", type: "utf8", nullable: false },
      { name: "sector", type: "utf8", nullable: false },
      { name: "lot", type: "int32", nullable: true },
    ],
    files: [
      `SELECT * FROM (VALUES ('S000000', 'energy', 10), ('S000002', 'tech', NULL), ('S000003', 'x', 30)) t(symbol, sector, lot)`,
    ],
  });
}
