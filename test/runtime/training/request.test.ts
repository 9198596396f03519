import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Table, tableFromArrays, tableToIPC, vectorFromArray, Utf8 } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { queryRows } from "../../support/open-loading.ts";
import { quiver } from "../../support/run-quiver.ts";
import { problemOf } from "../../support/open-app.ts";
import { nameOutputs } from "../../../runtime/training/join/name-outputs.ts";
import { arrowRows, factsOf, openTrainingApp, readBytes, type TrainingApp } from "./training-app.ts";

const CSV = "symbol,ts\nS000002,2023-12-20\nS000000,2023-12-29\n";
const TYPES = {
  stream: "application/vnd.apache.arrow.stream",
  file: "application/vnd.apache.arrow.file",
  parquet: "application/vnd.apache.parquet",
};

let app: TrainingApp;
let scratch: string;
beforeAll(async () => {
  app = await openTrainingApp({
    bars: { symbolCount: 3, dayCount: 40 },
    settings: { arrowBodyBytesMax: 4096, jsonRowsMax: 50 },
  });
  scratch = mkdtempSync(join(tmpdir(), "quiver-training-"));
  await app.publish("echo");
  await app.publish("echo", { publish: { as: "other" } });
  await app.publish("next");
});
afterAll(async () => {
  await app.close();
  rmSync(scratch, { recursive: true, force: true });
});

const expected = async () => app.rows({ features: "demo:echo.last" }, CSV);

describe("entity rows", () => {
  test("are the same as CSV, Parquet, an Arrow stream and an Arrow file, dictionaries and milliseconds included", async () => {
    const whole = await expected();
    expect(whole.map((row) => typeof row[2])).toEqual(["number", "number"]);
    const parquet = join(scratch, "rows.parquet");
    await queryRows(
      `COPY (SELECT * FROM (VALUES ('S000002', DATE '2023-12-20'), ('S000000', DATE '2023-12-29')) t(symbol, ts)) TO '${parquet}' (FORMAT parquet)`,
    );
    const days = ["2023-12-20", "2023-12-29"].map((day) => new Date(`${day}T00:00:00Z`));
    const coded = tableFromArrays({ symbol: ["S000002", "S000000"], ts: days });
    const plain = new Table({
      symbol: vectorFromArray(["S000002", "S000000"], new Utf8()),
      ts: coded.getChild("ts")!,
    });
    const bodies = [
      [readBytes(parquet), TYPES.parquet],
      [bytes(tableToIPC(coded, "stream")), TYPES.stream],
      [bytes(tableToIPC(plain, "file")), TYPES.file],
    ] as const;
    for (const [body, type] of bodies) {
      const response = await app.ask({ features: "demo:echo.last", format: "arrow" }, body, type);
      const answer = arrowRows(new Uint8Array(await response.arrayBuffer()));
      // A Date of JavaScript is an instant, with its zone in no column: midnights are dates.
      expect([type, answer]).toEqual([type, whole]);
    }
  });

  test("without any row answer with the columns alone", async () => {
    const response = await app.ask({ features: "demo:echo", format: "csv" }, "symbol,ts,w\n");
    expect([response.status, await response.text()]).toEqual([200, "symbol,ts,w,last,sum\r\n"]);
  });

  test("are taken in the zone named where they have none", async () => {
    const answer = await app.rows(
      { features: "demo:echo.last", timezone: "Asia/Tokyo" },
      "symbol,ts\nS000002,2023-12-21 09:00\n",
    );
    expect(answer[0]?.[1]).toBe("2023-12-21T00:00:00.000Z");
  });

  test("leave no file behind", async () => {
    await app.ask({ features: "demo:echo.last", format: "csv" }, CSV);
    await app.ask({ features: "demo:echo.last", format: "csv" }, "symbol\nA\n");
    const left = await queryRows(`SELECT count(*) FROM glob('${app.dataDir}/spool/uploads/*')`);
    expect(left.map(([count]) => Number(count))).toEqual([0]);
  });
});

function bytes(view: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view);
}

describe("the answer", () => {
  test("comes in every format, with the versions that were read", async () => {
    const formats = ["arrow", "arrow.file", "parquet", "csv", "ndjson", "json"];
    for (const format of formats) {
      const response = await app.ask({ features: "demo:echo.last", format }, CSV);
      const body = await response.arrayBuffer();
      expect([format, response.status, body.byteLength > 50]).toEqual([format, 200, true]);
      expect(factsOf(response)).toMatchObject({
        rowCount: 2,
        sets: [
          { set: "demo:echo", kind: "feature", function: "echo", asOf: null, matchedRows: 2, heldRows: 0 },
        ],
      });
    }
  });

  test("reads the version that is named", async () => {
    const first = Object(await (await app.get("/datasets/demo/features/echo")).json()) as { current: string };
    const same = await app.rows({ features: `demo:echo@${first.current}.last` }, CSV);
    expect(same).toEqual(await expected());
  });

  test("names columns of one name after their sets", () => {
    const sets = [
      { dataset: "demo", name: "echo", version: "v1" },
      { dataset: "demo", name: "big-echo", version: "v1" },
    ];
    const output = (set: number, column: string, alias: string | null = null) => ({ set, column, alias });
    expect(
      nameOutputs(["symbol", "ts", "SUM"], [output(0, "last"), output(1, "last"), output(0, "sum")], sets),
    ).toEqual(["echo_last", "big_echo_last", "echo_sum"]);
    expect(() =>
      nameOutputs(["symbol", "ts"], [output(0, "last", "x"), output(1, "last", "X")], sets),
    ).toThrow(
      'Cannot name two columns of the training set "x": demo:echo.last and demo:big-echo.last. Give one of them another name, for example last_2=demo:big-echo.last.',
    );
  });
});

// One set of two datasets was refused over a name that nobody had typed.
test("the answer names columns of one set after their datasets too, and refuses what even so has one name", () => {
  const set = (dataset: string, version = "v1") => ({ dataset, name: "rsi-macd", version });
  const output = (at: number) => ({ set: at, column: "rsi", alias: null });
  const keys = ["symbol", "ts"];
  expect(nameOutputs(keys, [output(0), output(1)], [set("us-daily"), set("pl")])).toEqual([
    "us_daily_rsi_macd_rsi",
    "pl_rsi_macd_rsi",
  ]);
  expect(nameOutputs(["rsi", "RSI_macd_rsi"], [output(0)], [set("pl")])).toEqual(["pl_rsi_macd_rsi"]);
  expect(() => nameOutputs(keys, [output(0), output(1)], [set("pl", "v1"), set("pl", "v2")])).toThrow(
    'Cannot name two columns of the training set "pl_rsi_macd_rsi": pl:rsi-macd@v1.rsi and pl:rsi-macd@v2.rsi. Give one of them another name, for example rsi_2=pl:rsi-macd@v2.rsi.',
  );
  expect(() => nameOutputs(["rsi"], [{ ...output(0), alias: "RSI" }], [set("pl")])).toThrow(
    'Cannot name a column of the training set "RSI": the rows have one of that name. Give pl:rsi-macd.rsi another name, for example rsi_2=pl:rsi-macd.rsi.',
  );
});

describe("refuses", () => {
  const far = `symbol,ts\n${"S000002,2023-12-20\n".repeat(51)}`;
  test.each([
    [
      "a label among features",
      { features: "demo:next.next" },
      CSV,
      400,
      "label-as-feature",
      'Cannot take "demo:next.next" from `features`: next is a label, which looks ahead. Name it in `labels`.',
    ],
    [
      "a feature among labels",
      { features: "demo:echo", labels: "demo:echo" },
      CSV,
      400,
      "label-as-feature",
      'Cannot take "demo:echo" from `labels`: echo is not a label. Name it in `features`.',
    ],
    [
      "an unknown set",
      { features: "demo:eco.last" },
      CSV,
      400,
      "unknown-feature",
      'Cannot find the feature set "eco" of demo: there are echo, other. Did you mean "echo"?',
    ],
    [
      "an unknown column",
      { features: "demo:echo.lst" },
      CSV,
      400,
      "unknown-column",
      'Cannot find the column "lst" of demo:echo: it has last, sum. Did you mean "last"?',
    ],
    [
      "an unknown version",
      { features: "demo:other@2.last" },
      CSV,
      400,
      "unknown-feature",
      /^Cannot choose a version of demo:other: there is no version "2"\. Known: \S+; write demo:other@<version>\.$/,
    ],
    [
      "an unknown dataset",
      { features: "dem:echo" },
      CSV,
      400,
      "unknown-dataset",
      'Cannot find the dataset "dem": there is demo. Did you mean "demo"? "quiver import <dataset> <files>" makes one.',
    ],
    [
      "a feature in another form",
      { features: "echo.last" },
      CSV,
      400,
      "request-malformed",
      'Cannot read `features` "echo.last": expected <dataset>:<set>[@<version>][.<column>], separated by commas, for example "us-daily:rsi-macd.rsi".',
    ],
    [
      "a name for all columns",
      { features: "x=demo:echo" },
      CSV,
      400,
      "request-malformed",
      'Cannot read `features` "x=demo:echo": expected <name>=<dataset>:<set>.<column>, because a new name is for one column.',
    ],
    [
      "no features",
      {},
      CSV,
      400,
      "request-malformed",
      'Cannot read the field "features" in the query: given nothing, expected <dataset>:<set>[@<version>][.<column>], separated by commas, for example "us-daily:rsi-macd.rsi".',
    ],
    [
      "rows without a symbol",
      { features: "demo:echo" },
      "smbol,ts\nA,2024-01-01\n",
      400,
      "entities-invalid",
      'Cannot read the entity rows: there is no column "symbol", only smbol, ts. Expected "symbol" and "ts". Did you mean "smbol"? Rename it.',
    ],
    [
      "a time without a zone",
      { features: "demo:echo" },
      "symbol,ts\nA,2024-01-01 10:00\n",
      400,
      "timezone-needed",
      'Cannot interpret the times of the entity rows: their "ts" has no zone, for example "2024-01-01 10:00". Name the zone with `timezone`, for example "America/New_York", or write the times with their offset.',
    ],
    [
      "a zone there is not",
      { features: "demo:echo", timezone: "Mars" },
      CSV,
      400,
      "unknown-timezone",
      'Cannot use the time zone "Mars": no such zone is known. Expected an IANA name such as "America/New_York", "Asia/Shanghai" or "UTC".',
    ],
    [
      "a time that is none",
      { features: "demo:echo" },
      "symbol,ts\nA,2024-01-01\nA,soon\nA,2024-01-02\nA,\n",
      400,
      "entities-invalid",
      'Cannot read the entity rows: "ts" is "soon", which is not a time in the format of the others, in row 2 (and 1 more). Every row needs a symbol and a time.',
    ],
    [
      "a date among instants",
      { features: "demo:echo" },
      "symbol,ts\nA,2024-01-01\nA,2024-01-02T20:59:00Z\nA,2024-01-02T21:00:00Z\n",
      400,
      "entities-invalid",
      'Cannot read the entity rows: "ts" is "2024-01-01", which is not a time in the format of the others, in row 1. Every row needs a symbol and a time.',
    ],
    [
      "a row without a symbol",
      { features: "demo:echo" },
      "symbol,ts\nA,2024-01-01\n,2024-01-01\n",
      400,
      "entities-invalid",
      'Cannot read the entity rows: "symbol" is null in row 2. Every row needs a symbol and a time.',
    ],
    [
      "an age that is none",
      { features: "demo:echo", maxAge: "old" },
      CSV,
      400,
      "request-malformed",
      'Cannot read `maxAge` "old": expected a duration such as "30s", "15m", "6h", "5d" or "2w".',
    ],
    [
      "more rows than JSON shows",
      { features: "demo:echo", format: "json" },
      far,
      400,
      "row-limit-exceeded",
      /^Cannot answer: the result has more than the 50 rows that are the limit for json\./,
    ],
    [
      "a body over the limit",
      { features: "demo:echo" },
      far.repeat(9),
      413,
      "body-too-large",
      "Cannot take a body of 8811 bytes or more: the limit is 4096 bytes.",
    ],
  ] as const)("%s", async (_, query, rows, status, code, detail) => {
    const response = await app.ask(query, rows);
    const problem = await problemOf(response);
    expect([response.status, problem["code"]]).toEqual([status, code]);
    if (typeof detail === "string") expect(problem["detail"]).toBe(detail);
    else expect(problem["detail"]).toMatch(detail);
  });

  test("a body of another type, none, and one that is not what it says", async () => {
    const json = await app.ask({ features: "demo:echo" }, "{}", "application/json");
    // It advised a type that it does not take.
    expect(await problemOf(json)).toMatchObject({
      status: 415,
      code: "media-type-unsupported",
      detail:
        'Cannot read a body of type "application/json": expected application/vnd.apache.arrow.stream or application/vnd.apache.arrow.file or application/vnd.apache.parquet or text/csv. Send the header "Content-Type" with the one that the body is, for example "Content-Type: text/csv".',
    });
    const none = await app.send("/training-set?features=demo:echo", { method: "POST" });
    expect((await problemOf(none))["detail"]).toBe(
      'The body is missing: expected entity rows, a table with the columns "symbol" and "ts", as CSV, Parquet or Arrow.',
    );
    const parquet = await app.ask({ features: "demo:echo" }, CSV, TYPES.parquet);
    expect((await problemOf(parquet))["code"]).toBe("entities-invalid");
    const arrow = await app.ask({ features: "demo:echo" }, CSV, TYPES.stream);
    expect((await problemOf(arrow))["code"]).toBe("arrow-body-invalid");
  });
});

describe("quiver training-set", () => {
  test("writes a file and says which versions it read, and refuses in the words of the command line", async () => {
    const rows = join(scratch, "rows.csv");
    const out = join(scratch, "out.parquet");
    writeFileSync(rows, CSV);
    const here = ["--data", app.dataDir, "--functions", app.functionsDir];
    const features = ["--features", "demo:echo.last"];
    const made = await quiver(["training-set", rows, ...features, "-o", out, ...here]);
    expect([made.code, made.out]).toEqual([0, ""]);
    expect(made.err).toMatch(/out\.parquet: [\d.]+ k?B\ndemo:echo@\S+: 2 of 2 rows\n$/);
    expect(await queryRows(`SELECT symbol, ts::VARCHAR, last FROM '${out}'`)).toEqual(await expected());
    const refused = await quiver(["training-set", rows, ...features, "--labels", "demo:echo", ...here]);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain(
      'Cannot take "demo:echo" from --labels: echo is not a label. Name it in --features.',
    );
    const missing = await quiver(["training-set", join(scratch, "no.csv"), ...features, ...here]);
    expect(missing.err).toContain("there is no such file.");
    expect(readFileSync(rows, "utf8")).toBe(CSV);
  });
});
