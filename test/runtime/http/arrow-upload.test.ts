import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  Dictionary,
  DateDay,
  Float64,
  Int32,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { Table } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApp, type OpenedApp, problemOf } from "../../support/open-app.ts";

const STREAM = "application/vnd.apache.arrow.stream";
const FILE = "application/vnd.apache.arrow.file";

let app: OpenedApp;
beforeAll(async () => {
  app = await openApp({ bars: { symbolCount: 4, dayCount: 60 } });
});
afterAll(() => app.close());

const upload = (bytes: Uint8Array, query = "", type = STREAM) =>
  app.send(`/functions/rsi-macd${query}`, {
    method: "POST",
    headers: { "Content-Type": type },
    body: new Uint8Array(bytes),
  });

const refusal = async (response: Response) => {
  const problem = await problemOf(response);
  return [response.status, problem["code"], problem["detail"]];
};

/** Rows of symbol and day with a rising close, in the order given. */
function bars(rows: readonly (readonly [symbol: string, day: number])[]): Table {
  return new Table({
    symbol: vectorFromArray(
      rows.map(([symbol]) => symbol),
      new Dictionary(new Utf8(), new Int32()),
    ),
    ts: vectorFromArray(
      rows.map(([, day]) => day * 86_400_000),
      new DateDay(),
    ),
    close: vectorFromArray(
      rows.map(([, day]) => 100 + ((day * 37) % 11)),
      new Float64(),
    ),
  });
}

const days = (symbol: string, count: number) =>
  Array.from({ length: count }, (_, index) => [symbol, 19_000 + index] as const);

describe("an Arrow body", () => {
  test.each([
    ["stream", STREAM],
    ["file", FILE],
  ] as const)("as a %s is the input itself, sorted where need be", async (as, type) => {
    const sorted = [...days("A", 40), ...days("B", 30)];
    const response = await upload(tableToIPC(bars(sorted), as), "?params=%7B%22period%22%3A5%7D", type);
    expect(response.status).toBe(200);
    const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()));
    expect(table.numRows).toBe(70);
    const shuffled = await upload(
      tableToIPC(bars(sorted.toReversed()), as),
      "?params=%7B%22period%22%3A5%7D",
      type,
    );
    expect(
      tableFromIPC(new Uint8Array(await shuffled.arrayBuffer()))
        .toArray()
        .map(String),
    ).toEqual(table.toArray().map(String));
    const part = await upload(tableToIPC(bars(sorted), as), "?symbols=B&from=2022-01-20", type);
    expect(part.status).toBe(200);
    expect(
      new Set(
        tableFromIPC(new Uint8Array(await part.arrayBuffer()))
          .toArray()
          .map((row) => String(row.symbol)),
      ),
    ).toEqual(new Set(["B"]));
  });

  test("leaves nothing behind", async () => {
    await (await upload(tableToIPC(bars(days("A", 40)), "stream"))).arrayBuffer();
    expect(readdirSync(join(app.dataDir, "spool", "uploads"))).toEqual([]);
  });

  test("with a key twice is refused", async () => {
    const [status, , detail] = await refusal(
      await upload(tableToIPC(bars([...days("A", 3), ["A", 19_001]]), "stream")),
    );
    expect(status).toBe(400);
    expect(detail).toBe(
      "Cannot read the Arrow body: the key (A, 2022-01-09) stands in rows 1 and 3. Every symbol may have one row per time.",
    );
  });

  test.each([
    ["cut short", () => arrow().subarray(0, 300)],
    ["no Arrow at all", () => new TextEncoder().encode("symbol,ts,close\nA,2024-01-01,1\n")],
    ["empty", () => new Uint8Array(8)],
    ["with wrong columns", () => tableToIPC(tableFromArrays({ a: [1, 2], b: [3, 4] }), "stream")],
  ])("that is %s is refused", async (_, bytes) => {
    const response = await upload(bytes());
    const [status, , detail] = await refusal(response);
    expect(status).toBe(400);
    expect(detail).toMatch(/^Cannot .+\.$/s);
  });
});

function arrow(): Uint8Array {
  return tableToIPC(bars(days("A", 40)), "stream");
}
