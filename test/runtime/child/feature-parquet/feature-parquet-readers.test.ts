import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createFeatureParquetWriter,
  type FeatureCodec,
  type FeatureColumn,
  ROW_GROUP_ROWS_MAX,
} from "../../../../runtime/child/feature-parquet/index.ts";
import { batchOf, type Case, expectedRows, judgedColumns, randomColumn, seededRandom } from "./batches.ts";
import { type Judged, JUDGES, queryDuckdb } from "./judges.ts";

const CODECS: readonly FeatureCodec[] = [{ name: "uncompressed" }, { name: "zstd", level: 1 }];
const FLOAT: readonly FeatureColumn[] = [{ name: "value", type: "float64" }];
const EVERY_TYPE: readonly FeatureColumn[] = (
  ["float64", "float32", "int32", "int64", "bool", "date32", "timestamp"] as const
).map((type) => ({ name: `a_${type}`, type }));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "feature-parquet-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CASES: Readonly<Record<string, () => Case>> = {
  "one row": () => ({
    tsType: "date32",
    columns: FLOAT,
    batches: [batchOf([["A", 1]], [{ values: Float64Array.of(1.5) }])],
  }),
  "no row at all": () => ({ tsType: "date32", columns: EVERY_TYPE, batches: [] }),
  "a batch without rows": () => ({
    tsType: "date32",
    columns: FLOAT,
    batches: [batchOf([["A", 0]], [{ values: new Float64Array(0) }])],
  }),
  "no output column": () => ({ tsType: "date32", columns: [], batches: [batchOf([["A", 3]], [])] }),
  "symbols beyond ASCII": () => ({
    tsType: "date32",
    columns: FLOAT,
    batches: [
      batchOf(
        [
          ["", 1],
          ["MÜNCHEN", 2],
          ["株式/東京", 1],
          ["𝔘𝔫𝔦", 1],
        ],
        [{ values: Float64Array.of(1, 2, 3, 4, 5) }],
      ),
    ],
  }),
  "zeros of both signs, denormals, infinities, NaN of several bits": () => {
    const values = Float64Array.of(
      0,
      -0,
      5e-324,
      -5e-324,
      1.7976931348623157e308,
      Infinity,
      -Infinity,
      NaN,
      NaN,
    );
    new BigUint64Array(values.buffer)[8] = 0xfff8_0000_0000_1234n;
    return { tsType: "date32", columns: FLOAT, batches: [batchOf([["A", 9]], [{ values }])] };
  },
  "columns of nulls only": () => ({
    tsType: "date32",
    columns: EVERY_TYPE,
    batches: [
      batchOf(
        [
          ["A", 700],
          ["B", 5],
        ],
        EVERY_TYPE.map(({ type }) => randomColumn(type, 705, seededRandom(3), 1)),
      ),
    ],
  }),
  "every type with scattered nulls": () => ({
    tsType: "timestamp",
    columns: EVERY_TYPE,
    batches: [
      batchOf(
        [
          ["A", 9_000],
          ["B", 1],
          ["C", 999],
        ],
        EVERY_TYPE.map(({ type }, index) => randomColumn(type, 10_000, seededRandom(index), 0.3)),
        BigInt64Array.from({ length: 10_000 }, (_, i) => 1_700_000_000_000_000n + BigInt(i) * 60_000_000n),
      ),
    ],
  }),
  "every type without a null": () => ({
    tsType: "date32",
    columns: EVERY_TYPE,
    batches: [
      batchOf(
        [["A", 5_001]],
        EVERY_TYPE.map(({ type }, index) => ({
          values: randomColumn(type, 5_001, seededRandom(index), 0).values,
        })),
      ),
    ],
  }),
  "minutes before 1970, with nights between and a jump back at each symbol": () => ({
    tsType: "timestamp",
    columns: FLOAT,
    batches: [
      batchOf(
        [
          ["A", 1_000],
          ["B", 1_000],
        ],
        [{ values: Float64Array.from({ length: 2_000 }, (_, i) => i) }],
        BigInt64Array.from({ length: 2_000 }, (_, i) => {
          const minute = i % 1_000;
          const night = Math.floor(minute / 390);
          return BigInt(-86_400_000_000 + minute * 60_000_000 + night * 63_000_000_000) - 3n;
        }),
      ),
    ],
  }),
  "days at both ends of their type": () => ({
    tsType: "date32",
    columns: [],
    batches: [batchOf([["A", 3]], [], Int32Array.of(-2_000_000_000, 0, 2_000_000_000))],
  }),
  "times no double holds": () => ({
    tsType: "timestamp",
    columns: [],
    batches: [batchOf([["A", 3]], [], BigInt64Array.of(-(2n ** 53n) - 1n, 0n, 2n ** 53n + 1n))],
  }),
  "times up to the last that is packed, in disorder": () => ({
    tsType: "timestamp",
    columns: [],
    batches: [
      batchOf(
        [["A", 300]],
        [],
        BigInt64Array.from(
          { length: 300 },
          (_, i) => (i % 3 === 0 ? -1n : 1n) * (2n ** 51n - BigInt(i) - 1n),
        ),
      ),
    ],
  }),
  "days with steps of every width in bits": () => ({
    tsType: "date32",
    columns: [],
    batches: [batchOf([["A", 128 * 31 + 7]], [], Int32Array.from(stepsOfEveryWidth(31, 21)))],
  }),
  "microseconds with steps of every width in bits": () => ({
    tsType: "timestamp",
    columns: [],
    batches: [
      batchOf(
        [["A", 128 * 51 + 7]],
        [],
        BigInt64Array.from(stepsOfEveryWidth(51, 22), (step) => BigInt(step)),
      ),
    ],
  }),
  "a symbol of 300,000 rows between two short ones": () => {
    const random = seededRandom(11);
    return {
      tsType: "date32",
      columns: [FLOAT[0]!, { name: "single", type: "float32" }],
      batches: [
        batchOf(
          [
            ["A", 10],
            ["B", 300_000],
            ["C", 10],
          ],
          [randomColumn("float64", 300_020, random, 0.01), randomColumn("float32", 300_020, random, 0)],
        ),
      ],
    };
  },
  "hundreds of symbols in several batches, nulls at each start": () => {
    const values = Float64Array.from({ length: 90_000 }, (_, i) =>
      i % 300 < 14 ? NaN : Math.sin(i) * 50 + 50,
    );
    const batch = (first: number) =>
      batchOf(
        Array.from({ length: 300 }, (_, i) => [`S${String(first + i).padStart(4, "0")}`, 300] as const),
        [{ values }],
      );
    return { tsType: "date32", columns: FLOAT, batches: [batch(0), batch(300)] };
  },
};

/**
 * A case and what readers must see of it, created once for all codecs and readers: the largest has a million values.
 */
const made = new Map<string, { readonly what: Case; readonly expected: Judged }>();

function caseNamed(name: string) {
  const known = made.get(name);
  if (known !== undefined) return known;
  const what = CASES[name]!();
  const columns = Object.fromEntries(what.columns.map((column) => [column.name, []]));
  const one = { what, expected: { ...columns, ...expectedRows(what) } };
  made.set(name, one);
  return one;
}

describe.each(CODECS)("a $name file", (codec) => {
  describe.each(Object.keys(CASES))("with %s", (name) => {
    const { what, expected } = caseNamed(name);
    let path = "";
    beforeAll(() => {
      path = join(folder, `${codec.name}-${name.replaceAll(/\W/g, "-")}.parquet`);
      writeCase(path, what, codec);
    });
    test.each(Object.keys(JUDGES))("is read by %s with every bit as given", async (judge) => {
      const seen = await JUDGES[judge]!(path, judgedColumns(what));
      expect(Object.keys(seen).toSorted()).toEqual(Object.keys(expected).toSorted());
      // Vitest takes seconds to compare a million values, so it is only used where there is a difference to report.
      for (const [column, values] of Object.entries(expected)) {
        if (!isSame(seen[column]!, values)) expect(seen[column], column).toEqual(values);
      }
    });
  });
});

function isSame(one: Judged[string], other: Judged[string]): boolean {
  return one.length === other.length && other.every((value, row) => one[row] === value);
}

describe("row groups", () => {
  test("hold whole symbols, at most the allowed rows, and a longer symbol alone", async () => {
    const path = join(folder, "row-groups.parquet");
    const rowCounts: [string, number][] = [
      ["A", 60_000],
      ["B", 60_000],
      ["C", 60_000],
      ["D", 300_000],
      ["E", 10],
    ];
    const total = rowCounts.reduce((sum, [, rowCount]) => sum + rowCount, 0);
    writeCase(
      path,
      {
        tsType: "date32",
        columns: FLOAT,
        batches: [batchOf(rowCounts, [{ values: new Float64Array(total) }])],
      },
      { name: "zstd", level: 1 },
    );
    const groups = await queryDuckdb(
      `select row_group_num_rows::int, stats_min_value, stats_max_value from parquet_metadata('${path}') where path_in_schema = 'symbol' order by row_group_id`,
    );
    expect(groups).toEqual([
      [120_000, "A", "B"],
      [60_000, "C", "C"],
      [ROW_GROUP_ROWS_MAX, "D", "D"],
      [ROW_GROUP_ROWS_MAX, "D", "D"],
      [300_000 - 2 * ROW_GROUP_ROWS_MAX, "D", "D"],
      [10, "E", "E"],
    ]);
  });
});

describe("statistics", () => {
  test("give bounds without NaN and infinities, count nulls, and open a zero bound to both zeros", async () => {
    const path = join(folder, "statistics.parquet");
    const columns: FeatureColumn[] = [
      { name: "spread", type: "float64" },
      { name: "zero", type: "float64" },
      { name: "single", type: "float32" },
      { name: "days", type: "date32" },
      { name: "big", type: "int64" },
      { name: "flag", type: "bool" },
      { name: "empty", type: "float64" },
    ];
    const writer = createFeatureParquetWriter({ path, tsType: "date32", columns, codec: CODECS[1]! });
    writer.write(
      batchOf(
        [
          ["B", 2],
          ["A", 2],
        ],
        [
          { values: Float64Array.of(NaN, -2.5, Infinity, 7) },
          { values: Float64Array.of(0, -0, 0, 0) },
          { values: Float32Array.of(0.5, 1.5, -0.25, NaN) },
          { values: Int32Array.of(-5, 4, 3, 99), valid: Uint8Array.of(1, 1, 1, 0) },
          { values: BigInt64Array.of(2n ** 62n, -(2n ** 62n) - 1n, 0n, 0n) },
          { values: Uint8Array.of(0, 1, 1, 1), valid: Uint8Array.of(0, 1, 1, 1) },
          { values: Float64Array.of(NaN, NaN, -Infinity, NaN) },
        ],
        Int32Array.of(10, 11, -3, 12),
      ),
    );
    const summary = writer.close();
    const stored = await queryDuckdb(
      `select path_in_schema, stats_min_value, stats_max_value, stats_null_count::int from parquet_metadata('${path}') order by column_id`,
    );
    expect(stored).toEqual([
      ["symbol", "A", "B", 0],
      ["ts", "1969-12-29", "1970-01-13", 0],
      ["spread", "-2.5", "7.0", 2],
      ["zero", "-0.0", "0.0", 0],
      ["single", "-0.25", "1.5", 1],
      ["days", "1969-12-27", "1970-01-05", 1],
      ["big", "-4611686018427387905", "4611686018427387904", 0],
      ["flag", "true", "true", 1],
      ["empty", null, null, 4],
    ]);
    expect(summary).toMatchObject({ rowCount: 4, firstTs: -3, lastTs: 12 });
    expect(summary.columns).toEqual([
      { name: "spread", nullCount: 2, infCount: 1, min: -2.5, max: 7 },
      { name: "zero", nullCount: 0, infCount: 0, min: 0, max: 0 },
      { name: "single", nullCount: 1, infCount: 0, min: -0.25, max: 1.5 },
      { name: "days", nullCount: 1, infCount: 0, min: -5, max: 4 },
      { name: "big", nullCount: 0, infCount: 0, min: -(2n ** 62n) - 1n, max: 2n ** 62n },
      { name: "flag", nullCount: 1, infCount: 0, min: 1, max: 1 },
      { name: "empty", nullCount: 4, infCount: 1, min: undefined, max: undefined },
    ]);
  });
});

describe("key-value metadata", () => {
  test("comes back as given", async () => {
    const path = join(folder, "key-values.parquet");
    createFeatureParquetWriter({
      path,
      tsType: "date32",
      columns: FLOAT,
      codec: CODECS[0]!,
      keyValueMetadata: { function: "rsi-macd", größe: "ä\u0000b" },
    }).close();
    const rows = await queryDuckdb(`select decode(key), decode(value) from parquet_kv_metadata('${path}')`);
    expect(rows).toEqual([
      ["function", "rsi-macd"],
      ["größe", "ä\u0000b"],
    ]);
  });
});

/** 128 numbers for each width, up to this many bits on either side of zero. */
function stepsOfEveryWidth(widths: number, seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: 128 * widths + 7 }, (_, i) =>
    Math.trunc((random() - 0.5) * 2 ** Math.min(widths - 1, Math.floor(i / 128))),
  );
}

function writeCase(path: string, { tsType, columns, batches }: Case, codec: FeatureCodec): void {
  const writer = createFeatureParquetWriter({ path, tsType, columns, codec, fsync: false });
  for (const batch of batches) writer.write(batch);
  writer.close();
}
