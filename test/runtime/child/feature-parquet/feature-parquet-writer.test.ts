import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createFeatureParquetWriter,
  type FeatureBatch,
  type FeatureCodec,
  type FeatureColumn,
  type FeatureParquetSummary,
  type FeatureUnit,
} from "../../../../runtime/child/feature-parquet/index.ts";
import { rowChecksum } from "../../../../shared/row-checksum/index.ts";
import { batchOf, randomColumn, seededRandom } from "./batches.ts";

const PLAIN: FeatureCodec = { name: "uncompressed" };
const ZSTD: FeatureCodec = { name: "zstd", level: 1 };
const COLUMNS: readonly FeatureColumn[] = [
  { name: "a", type: "float64" },
  { name: "b", type: "float32" },
  { name: "n", type: "int64" },
  { name: "flag", type: "bool" },
];

let folder = "";
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "feature-parquet-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const newPath = () => join(folder, `${files++}.parquet`);

/** Three symbols of unequal length with every kind of column. */
function sampleBatch(): FeatureBatch {
  const random = seededRandom(5);
  return batchOf(
    [
      ["A", 400],
      ["B", 1],
      ["C", 200],
    ],
    COLUMNS.map(({ type }) => randomColumn(type, 601, random, 0.1)),
  );
}

/** Rows `from` to `to` of a batch. */
function slice(batch: FeatureBatch, from: number, to: number): FeatureBatch {
  let row = 0;
  const units: FeatureUnit[] = [];
  for (const { symbol, rowCount } of batch.units) {
    const start = Math.max(from, row);
    const end = Math.min(to, row + rowCount);
    if (end > start) units.push({ symbol, rowCount: end - start });
    row += rowCount;
  }
  const columns = batch.columns.map(({ values, valid }) => ({
    values: values.subarray(from, to),
    valid: valid?.subarray(from, to),
  }));
  return { units, ts: batch.ts.subarray(from, to), columns };
}

function write(
  batches: readonly FeatureBatch[],
  codec: FeatureCodec = PLAIN,
  path = newPath(),
): FeatureParquetSummary {
  const writer = createFeatureParquetWriter({ path, tsType: "date32", columns: COLUMNS, codec });
  for (const batch of batches) writer.write(batch);
  return writer.close();
}

function checksumOf(...summaries: FeatureParquetSummary[]): string {
  const units = summaries.flatMap(({ units: own, checksums }) => {
    const words = checksums.length / Math.max(1, own.length);
    return own.map((unit, i) => ({ ...unit, checksums: checksums.slice(i * words, (i + 1) * words) }));
  });
  return rowChecksum({ tsType: "date32", columns: COLUMNS }, units);
}

describe("compression", () => {
  const ROWS = 2_000;
  const SYMBOLS = 50;
  const size = (values: Float64Array | Float32Array) => {
    const type = values instanceof Float64Array ? "float64" : "float32";
    const options = {
      path: newPath(),
      tsType: "date32",
      columns: [{ name: "a", type }],
      codec: ZSTD,
    } as const;
    const writer = createFeatureParquetWriter(options);
    const units = Array.from({ length: SYMBOLS }, (_, i) => [`S${i}`, ROWS] as const);
    writer.write(batchOf(units, [{ values }]));
    return writer.close().byteLength / values.byteLength;
  };
  const random = seededRandom(77);
  const noise = Float64Array.from({ length: ROWS * SYMBOLS }, () => 100 * random() * random() * random());

  test("leaves the noise of a float as it is and shrinks sign and exponent", () => {
    expect(size(noise)).toBeLessThan(0.9);
    expect(size(Float32Array.from(noise))).toBeLessThan(0.9);
  });

  test("finds a series that every symbol repeats, though it is noise by itself", () => {
    const shared = noise.map((_, row) => noise[row % ROWS]!);
    expect(size(shared)).toBeLessThan(0.1);
    expect(size(Float32Array.from(shared))).toBeLessThan(0.1);
  });

  test("finds whole numbers, prices of single precision and flags in doubles", () => {
    expect(size(noise.map((value) => Math.floor(value * 1e4)))).toBeLessThan(0.5);
    expect(size(noise.map(Math.fround))).toBeLessThan(0.55);
    expect(size(noise.map((value) => (value > 50 ? 1 : 0)))).toBeLessThan(0.05);
  });
});

describe("row checksums", () => {
  const batch = sampleBatch();

  test("are what their definition says", () => {
    const { units, checksums } = write([batch]);
    expect(units).toEqual([
      { symbol: "A", rowCount: 400 },
      { symbol: "B", rowCount: 1 },
      { symbol: "C", rowCount: 200 },
    ]);
    const words: number[] = [];
    for (const [from, to] of [
      [0, 400],
      [400, 401],
      [401, 601],
    ] as const) {
      words.push(crc32(new Uint8Array(batch.ts.slice(from, to).buffer)));
      for (const { values, valid } of batch.columns) {
        const rows = Array.from({ length: to - from }, (_, i) => i);
        const isNull = (i: number) =>
          valid === undefined ? !Number.isFinite(Number(values[from + i])) : valid[from + i] === 0;
        const kept = rows.filter((i) => !isNull(i));
        const bytes = values.BYTES_PER_ELEMENT;
        const all = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        words.push(
          kept.reduce((crc, i) => crc32(all.subarray((from + i) * bytes, (from + i + 1) * bytes), crc), 0),
        );
        words.push(crc32(new Uint8Array(Int32Array.from(rows.filter(isNull)).buffer)));
      }
    }
    expect([...checksums]).toEqual(words);
  });

  test("do not depend on the codec", () => {
    expect(checksumOf(write([batch], ZSTD))).toBe(checksumOf(write([batch])));
  });

  test("do not depend on the batches, even when one ends within a symbol", () => {
    const random = seededRandom(9);
    for (let round = 0; round < 10; round++) {
      const cut = Math.floor(random() * 602);
      expect(checksumOf(write([slice(batch, 0, cut), slice(batch, cut, 601)]))).toBe(
        checksumOf(write([batch])),
      );
    }
  });

  test("of partitions are put together", () => {
    const parts = [
      write([slice(batch, 0, 400)]),
      write([slice(batch, 400, 401)]),
      write([slice(batch, 401, 601)]),
    ];
    expect(checksumOf(...parts)).toBe(checksumOf(write([batch])));
  });

  test("go on where an earlier version of the symbol ended", () => {
    const before = write([slice(batch, 401, 500)]);
    const later = slice(batch, 500, 601);
    const previous = { rowCount: 99, checksums: before.checksums };
    const after = write([{ ...later, units: [{ symbol: "C", rowCount: 101, previous }] }]);
    const whole = write([slice(batch, 401, 601)]);
    expect(after.checksums).toEqual(whole.checksums);
    expect(after.units).toEqual([{ symbol: "C", rowCount: 200 }]);
    expect(after.rowCount).toBe(101);
  });

  test("tell a null from a value, a moved null, a changed bit and -0 from 0", () => {
    const columns: FeatureColumn[] = [{ name: "a", type: "float64" }];
    const checksums = [
      [1, 2, 3],
      [1, 2, NaN],
      [NaN, 1, 2],
      [1, NaN, 2],
      [1, 2, 3 + 2 ** -51],
      [1, 0, 3],
      [1, -0, 3],
    ].map((values) => {
      const writer = createFeatureParquetWriter({ path: newPath(), tsType: "date32", columns, codec: PLAIN });
      writer.write(batchOf([["A", 3]], [{ values: Float64Array.from(values) }]));
      return writer.close().checksums.join(" ");
    });
    expect(new Set(checksums).size).toBe(checksums.length);
  });
});

describe("a written file", () => {
  test("has the length and SHA-256 that close() gives", () => {
    for (const codec of [PLAIN, ZSTD]) {
      const path = newPath();
      const { sha256, byteLength } = write([sampleBatch()], codec, path);
      const bytes = readFileSync(path);
      expect(byteLength).toBe(bytes.length);
      expect(sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
  });

  test("is not hashed when that is switched off", () => {
    const path = newPath();
    const writer = createFeatureParquetWriter({
      path,
      tsType: "date32",
      columns: [],
      codec: PLAIN,
      sha256: false,
    });
    expect(writer.close().sha256).toBeUndefined();
  });

  test("holds a row group as the same bytes whatever was in the reused memory before", () => {
    const batch = sampleBatch();
    const after = newPath();
    write([batch, slice(batch, 0, 400)], ZSTD, after);
    const alone = newPath();
    write([slice(batch, 0, 400)], ZSTD, alone);
    const pages = readFileSync(alone).subarray(4, 4_000);
    expect(readFileSync(after).includes(pages)).toBe(true);
  });
});

describe("close() and abort()", () => {
  test("abort() removes the partial file, twice without harm", () => {
    const path = newPath();
    const writer = createFeatureParquetWriter({ path, tsType: "date32", columns: COLUMNS, codec: PLAIN });
    writer.write(sampleBatch());
    expect(existsSync(path)).toBe(true);
    writer.abort();
    writer.abort();
    expect(existsSync(path)).toBe(false);
    expect(() => writer.write(sampleBatch())).toThrow(`The Parquet part ${path} is already closed`);
  });

  test("abort() after close() leaves the complete file", () => {
    const path = newPath();
    const writer = createFeatureParquetWriter({ path, tsType: "date32", columns: [], codec: PLAIN });
    const { byteLength } = writer.close();
    writer.abort();
    expect(readFileSync(path)).toHaveLength(byteLength);
  });
});

describe("in a child that may write to one folder and read nothing there", () => {
  const isDeno = "Deno" in globalThis;
  test.skipIf(!isDeno)(
    "a file of several flushes is completed, another removed (Deno only: Bun has no permissions)",
    () => {
      const fixture = fileURLToPath(new URL("./write-and-abort.fixture.ts", import.meta.url));
      const source = fileURLToPath(new URL("../../../../", import.meta.url));
      const outDir = mkdtempSync(join(tmpdir(), "feature-parquet-rights-"));
      try {
        const rights = [`--allow-write=${outDir}`, `--allow-read=${source}`];
        const output = execFileSync(process.execPath, ["run", "--no-prompt", ...rights, fixture, outDir], {
          encoding: "utf8",
        });
        expect(output).toBe("complete 30000000\n");
        expect(readdirSync(outDir)).toEqual(["complete.parquet"]);
      } finally {
        rmSync(outDir, { recursive: true, force: true });
      }
    },
  );
});

describe("what cannot be written", () => {
  test("a folder that does not exist is refused with the path and the reason", () => {
    const path = join(folder, "absent", "part.parquet");
    const open = () => createFeatureParquetWriter({ path, tsType: "date32", columns: [], codec: PLAIN });
    expect(open).toThrow(
      `Cannot write the Parquet part ${path}: the system answered ENOENT, expected a writable folder.`,
    );
    expect(open).toThrow(expect.objectContaining({ code: "part-unwritable" }));
  });

  test.skipIf(!existsSync("/dev/full"))(
    "a full disk is named (skipped where the system has no /dev/full)",
    () => {
      const path = newPath();
      symlinkSync("/dev/full", path);
      const writer = createFeatureParquetWriter({ path, tsType: "date32", columns: COLUMNS, codec: PLAIN });
      writer.write(sampleBatch());
      const close = () => writer.close();
      expect(close).toThrow(
        expect.objectContaining({
          code: "disk-full",
          message: `Cannot write the Parquet part ${path}: the disk is full. Free some space and publish again.`,
        }),
      );
      writer.abort();
      expect(existsSync(path)).toBe(false);
    },
  );

  test("a batch with a column too few, or of another length, is refused with what it brought", () => {
    const path = newPath();
    const writer = createFeatureParquetWriter({ path, tsType: "date32", columns: COLUMNS, codec: PLAIN });
    const batch = sampleBatch();
    expect(() => writer.write({ ...batch, columns: batch.columns.slice(0, 1) })).toThrow(
      `Cannot write a batch of 601 rows to ${path}: it has 1 columns of lengths 601, 601 and 601 event times, expected 4 columns and 601 of each.`,
    );
    expect(() => writer.write({ ...batch, ts: batch.ts.subarray(1) })).toThrow(RangeError);
    writer.abort();
  });

  test("an array of another type is refused with the column's name", () => {
    const writer = createFeatureParquetWriter({
      path: newPath(),
      tsType: "date32",
      columns: [{ name: "rsi", type: "float64" }],
      codec: PLAIN,
    });
    expect(() => writer.write(batchOf([["A", 1]], [{ values: Float32Array.of(1) }]))).toThrow(
      'Cannot write column "rsi": its values are of type Float32Array, expected the array of float64.',
    );
    writer.abort();
  });

  test("event times of another type than declared are refused", () => {
    const writer = createFeatureParquetWriter({
      path: newPath(),
      tsType: "timestamp",
      columns: [],
      codec: PLAIN,
    });
    expect(() => writer.write(batchOf([["A", 1]], []))).toThrow(
      "Cannot write event times: they are of type Int32Array, expected BigInt64Array for timestamp.",
    );
    writer.abort();
  });
});
