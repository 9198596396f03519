import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDataset } from "../../../runtime/store/read-dataset.ts";
import { writeDataset } from "../../../runtime/store/write-dataset.ts";
import { DAILY_CLOCKS, makeDataset, MINUTE_CLOCKS } from "../../support/make-dataset.ts";
import { factsOf, openTrainingApp, warningsOf, type TrainingApp } from "./training-app.ts";

const SYMBOL = { name: "symbol", type: "utf8", nullable: false } as const;
const DAY = { name: "ts", type: "date32", nullable: false } as const;
const TIME = { name: "ts", type: "timestamp", nullable: false } as const;
const KNOWN = { name: "known_at", type: "timestamp", nullable: false } as const;
const CLOSE = { name: "close", type: "float64", nullable: false } as const;
const VOLUME = { name: "volume", type: "float64", nullable: false } as const;

/** A market with a lunch break, stamped at the end of its bars. */
const SHANGHAI = {
  ...MINUTE_CLOCKS,
  timezone: "Asia/Shanghai",
  stamp: "end",
  sessions: {
    weekdays: [1, 2, 3, 4, 5],
    intervals: [
      { open: "09:30", close: "11:30" },
      { open: "13:00", close: "15:00" },
    ],
    holidays: [],
    halfDays: [],
  },
} as const;

let app: TrainingApp;
beforeAll(async () => {
  app = await openTrainingApp();
  const { dataDir } = app;
  // Friday 2024-03-08, then the Monday after the clocks went forward in New York.
  const days = `SELECT * FROM (VALUES ('A', DATE '2024-03-08', 1.0), ('A', DATE '2024-03-11', 2.0), ('A', DATE '2024-03-12', 3.0), ('B', DATE '2024-03-11', 10.0)) t(symbol, ts, close)`;
  await makeDataset({ dataDir, name: "daily", columns: [SYMBOL, DAY, CLOSE], files: [days] });
  const late = { ...DAILY_CLOCKS, availabilitySeconds: 3600 };
  await makeDataset({ dataDir, name: "late", columns: [SYMBOL, DAY, CLOSE], files: [days], clocks: late });
  const minutes = (stamps: string) =>
    `SELECT 'A' AS symbol, u::TIMESTAMPTZ AS ts, (row_number() OVER ())::DOUBLE AS close FROM (SELECT unnest([${stamps}]) AS u)`;
  await makeDataset({
    dataDir,
    name: "starts",
    columns: [SYMBOL, TIME, CLOSE],
    files: [minutes("'2024-03-11 13:30:00Z', '2024-03-11 13:31:00Z'")],
    clocks: MINUTE_CLOCKS,
  });
  await makeDataset({
    dataDir,
    name: "shanghai",
    columns: [SYMBOL, TIME, CLOSE],
    files: [minutes("'2024-03-11 03:29:00Z', '2024-03-11 03:30:00Z', '2024-03-11 05:01:00Z'")],
    clocks: SHANGHAI,
  });
  // The bar of the 2nd was seen as 20 and restated to 21 on the 5th; that of the 4th came late; volumes were restated.
  await makeDataset({
    dataDir,
    name: "seen",
    columns: [SYMBOL, DAY, KNOWN, CLOSE, VOLUME],
    files: [
      `SELECT symbol, ts, known_at::TIMESTAMPTZ AS known_at, close, volume FROM (VALUES
        ('A', DATE '2024-01-01', '2024-01-01 22:00:00Z', 10.0, 1.0), ('A', DATE '2024-01-01', '2024-01-09 22:00:00Z', 10.0, 2.0),
        ('A', DATE '2024-01-02', '2024-01-02 22:00:00Z', 20.0, 1.0), ('A', DATE '2024-01-02', '2024-01-05 22:00:00Z', 21.0, 1.0),
        ('A', DATE '2024-01-03', '2024-01-03 22:00:00Z', 30.0, 1.0),
        ('A', DATE '2024-01-04', '2024-01-08 22:00:00Z', 40.0, 1.0),
        ('A', DATE '2024-01-05', '2024-01-05 22:00:00Z', 50.0, 1.0),
        ('B', DATE '2024-01-01', '2024-01-01 22:00:00Z', 1.0, 1.0), ('B', DATE '2024-01-02', '2024-01-02 22:00:00Z', 2.0, 1.0)
      ) t(symbol, ts, known_at, close, volume)`,
    ],
  });
  for (const dataset of ["daily", "late", "starts", "shanghai", "seen"]) {
    await app.publish("echo", dataset === "seen" ? { dataset, asOf: "2024-01-31" } : { dataset });
  }
  await app.publish("next", { dataset: "daily" });
  await app.publish("next", { dataset: "seen", asOf: "2024-01-31" });
  await app.publish("market", { dataset: "seen", asOf: "2024-01-31" });
  await app.publish("halved", { dataset: "daily" });
});
afterAll(() => app.close());

const csv = (...rows: string[]) => `symbol,ts\n${rows.join("\n")}\n`;

describe("POST /training-set gives what was known", () => {
  test("a daily bar counts from its session's close on, in the zone and its summer time", async () => {
    const rows = csv(
      "A,2024-03-08T20:59:59Z",
      "A,2024-03-08T21:00:00Z",
      "A,2024-03-11T19:59:59Z",
      "A,2024-03-11T20:00:00Z",
      "A,2024-03-11 15:59:59-04:00",
    );
    expect(await app.rows({ features: "daily:echo.last" }, rows)).toEqual([
      ["A", "2024-03-08T20:59:59.000Z", null],
      ["A", "2024-03-08T21:00:00.000Z", 1],
      ["A", "2024-03-11T19:59:59.000Z", 1],
      ["A", "2024-03-11T20:00:00.000Z", 2],
      ["A", "2024-03-11T19:59:59.000Z", 1],
    ]);
  });

  test("a date stands for its end in the dataset's zone, so the day's own bar counts", async () => {
    const response = await app.ask(
      { features: "daily:echo.last", format: "csv" },
      csv("A,2024-03-11", "A,20240312"),
    );
    // Two forms in one column: the second is no time in the form of the first.
    expect(response.status).toBe(400);
    expect(await app.rows({ features: "daily:echo.last" }, csv("A,2024-03-10", "A,2024-03-11"))).toEqual([
      ["A", "2024-03-10", 1],
      ["A", "2024-03-11", 2],
    ]);
  });

  test("availability comes on top of the bar's end", async () => {
    const rows = csv("A,2024-03-11T20:59:59Z", "A,2024-03-11T21:00:00Z");
    const answer = await app.rows({ features: "late:echo.last" }, rows);
    expect(answer.map((row) => row[2])).toEqual([1, 2]);
  });

  // Rows of years after the last bar got its value in silence.
  test("rows of later days than a version's last bar get its value, and are counted", async () => {
    const told = async (features: string, rows: string, maxAge?: string) => {
      const query = { features, format: "csv", ...(maxAge === undefined ? {} : { maxAge }) };
      const response = await app.ask(query, rows);
      const { sets } = factsOf(response) as { sets: readonly Record<string, unknown>[] };
      return [sets.map(({ matchedRows, laterRows }) => [matchedRows, laterRows]), warningsOf(response)];
    };
    const days = csv("A,2024-03-12", "A,2024-03-13", "B,2024-03-12", "A,2030-01-01");
    const warning = (set: string, rows: string) =>
      `${set}: ${rows} than its last bar, and got an older value; maxAge (--max-age) limits how old`;
    expect(await told("daily:echo.last", days)).toEqual([
      [[4, 2]],
      warning("daily:echo", "2 rows are of later days"),
    ]);
    expect(await told("daily:echo.last", days, "2d")).toEqual([
      [[3, 1]],
      warning("daily:echo", "1 row is of a later day"),
    ]);
    // The last day is that of the dataset's zone: in New York it is over four hours after that of UTC.
    const instants = csv("A,2024-03-13T03:59:00Z", "A,2024-03-13T04:01:00Z");
    expect(await told("daily:echo.last", instants)).toEqual([
      [[2, 1]],
      warning("daily:echo", "1 row is of a later day"),
    ]);
    const minutes = csv("A,2024-03-11T20:30:00Z", "A,2024-03-12T13:30:00Z");
    expect(await told("starts:echo.last", minutes)).toEqual([
      [[2, 1]],
      warning("starts:echo", "1 row is of a later day"),
    ]);
  });

  test("a minute's bar stamped at its start is not known at its own stamp", async () => {
    const rows = csv("A,2024-03-11T13:30:00Z", "A,2024-03-11T13:30:59Z", "A,2024-03-11T13:31:00Z");
    const answer = await app.rows({ features: "starts:echo.last" }, rows);
    expect(answer.map((row) => row[2])).toEqual([null, null, 1]);
  });

  test("over a lunch break the last bar of the morning stands, until it is too old", async () => {
    const rows = csv(
      "A,2024-03-11T03:29:59Z",
      "A,2024-03-11T04:30:00Z",
      "A,2024-03-11T05:00:59Z",
      "A,2024-03-11T05:01:00Z",
    );
    const all = await app.rows({ features: "shanghai:echo.last" }, rows);
    expect(all.map((row) => row[2])).toEqual([1, 2, 2, 3]);
    const fresh = await app.rows({ features: "shanghai:echo.last", maxAge: "1h" }, rows);
    expect(fresh.map((row) => row[2])).toEqual([1, 2, null, 3]);
  });

  test("order, duplicates and columns of the rows stay; unknown symbols get nulls and are counted", async () => {
    const rows =
      "note,symbol,ts,w\nx,B,2024-03-12,1\ny,NOPE,2024-03-12,2\n,A,2024-03-12,3.5\nx,B,2024-03-12,1\n";
    const response = await app.ask({ features: "daily:echo.last,total=daily:echo.sum", format: "csv" }, rows);
    expect((await response.text()).split("\r\n")).toEqual([
      "note,symbol,ts,w,last,total",
      "x,B,2024-03-12,1,10,10",
      "y,NOPE,2024-03-12,2,,",
      ",A,2024-03-12,3.5,3,6",
      "x,B,2024-03-12,1,10,10",
      "",
    ]);
    expect(factsOf(response)).toMatchObject({ rowCount: 4, unknownSymbolRows: 1, ts: "date" });
    expect(warningsOf(response)).toBe("1 row has a symbol that no dataset has");
  });

  test("a label is of the bar that was known last", async () => {
    const rows = csv("A,2024-03-11T19:00:00Z", "A,2024-03-11T20:00:00Z", "A,2024-03-12T20:00:00Z");
    const answer = await app.rows({ features: "daily:echo.last", labels: "daily:next.next" }, rows);
    expect(answer.map((row) => row.slice(2))).toEqual([
      [1, 2],
      [2, 3],
      [3, null],
    ]);
  });
});

describe("of a bitemporal dataset", () => {
  const moments = ["01-01", "01-02", "01-03", "01-04", "01-05", "01-08", "01-09"];
  const rows = csv(...moments.map((day) => `A,2024-${day}T23:00:00Z`));
  const values = async (query: Record<string, string>) =>
    (await app.rows(query, rows)).map((row) => row.slice(2));

  const LATER =
    "seen:echo: 2 rows are of later days than its last bar, and got an older value; maxAge (--max-age) limits how old";

  test("hold gives no value before all it rests on was known as it is", async () => {
    // 21 for the 2nd was known on the 5th only; then the 3rd and the 5th itself were, but not the 4th, on which the sum
    // of the 5th rests. The restated volume of the 1st is no input.
    expect(await values({ features: "seen:echo.last,seen:echo.sum" })).toEqual([
      [10, 10],
      [10, 10],
      [10, 10],
      [10, 10],
      [30, 61],
      [50, 151],
      [50, 151],
    ]);
    const response = await app.ask({ features: "seen:echo.last", format: "csv" }, rows);
    expect(factsOf(response)["sets"]).toMatchObject([
      { set: "seen:echo", asOf: "2024-02-01T05:00:00Z", matchedRows: 7, heldRows: 4 },
    ]);
    expect(warningsOf(response)).toBe(
      `seen:echo: 4 rows have an earlier bar than the latest known one, whose values depend on data that was restated afterwards; ${LATER}`,
    );
  });

  test("allow gives the bars from their first observation on, with what they were restated to, and says so", async () => {
    const query = { features: "seen:echo.last", restated: "allow" };
    expect(await values(query)).toEqual([[10], [21], [30], [30], [50], [50], [50]]);
    const response = await app.ask({ ...query, format: "csv" }, rows);
    expect(warningsOf(response)).toBe(
      `seen:echo contains what was known at 2024-02-01T05:00:00Z: values for earlier rows may include later restatements, which were allowed; ${LATER}`,
    );
  });

  test("what a date's symbols share waits for all of them", async () => {
    const b = csv("B,2024-01-02T23:00:00Z", "B,2024-01-05T23:00:00Z");
    const answer = await app.rows({ features: "seen:market.mean" }, b);
    expect(answer.map((row) => row[2])).toEqual([5.5, 11.5]);
  });

  test("a label is an outcome: it holds restatements", async () => {
    const answer = await values({ features: "seen:echo.last", labels: "seen:next.next" });
    expect(answer.map((row) => row[1])).toEqual([21, 30, 40, 40, null, null, null]);
  });
});

describe("refuses", () => {
  test("features of a table function, whose rows the dataset's clocks do not know", async () => {
    const response = await app.ask({ features: "daily:halved.close" }, csv("A,2024-03-12"));
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: "knowledge-unknown",
      detail:
        "Cannot take features from daily:halved: a table function made its rows, which are not bars of the dataset, so its clocks do not tell when they were known. Import the rows as a separate dataset, which has its own clocks.",
    });
  });

  test("to hold values of which it is not told what they knew, and gives them where that is allowed", async () => {
    const { dataDir } = app;
    const { version } = await app.publish("echo", { dataset: "seen", publish: { as: "undated" } });
    const record = readDataset(dataDir, "seen");
    writeDataset(dataDir, { ...record, fingerprint: "imported-again" });
    const features = "seen:undated.last";
    const response = await app.ask({ features }, csv("A,2024-01-05"));
    expect(await response.json()).toMatchObject({
      status: 409,
      code: "knowledge-unknown",
      detail:
        `Cannot tell what was known to version ${String(version)} of seen:undated: it was published without asOf, and seen was imported again since. ` +
        'Publish it again, or accept values regardless of when they became known, with `restated` "allow".',
    });
    expect(await app.rows({ features, restated: "allow" }, csv("A,2024-01-05"))).toEqual([
      ["A", "2024-01-05", 50],
    ]);
    writeDataset(dataDir, record);
  });
});
