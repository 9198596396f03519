import {
  tableFromIPC,
  tableToIPC,
  makeVector,
  Table,
  vectorFromArray,
  Dictionary,
  Utf8,
  Int32,
} from "apache-arrow";
import { describe, expect, test } from "vitest";
import {
  decodeFileFooter,
  decodeMessage,
  encodeDictionaryBatch,
  encodeFileFooter,
  encodePrefix,
  encodeRecordBatchHeader,
  encodeSchemaMessage,
  END_OF_STREAM,
  recordBatchBlocks,
  type ArrowSchema,
} from "../../../shared/arrow/index.ts";

const schema: ArrowSchema = {
  fields: [
    { name: "symbol", type: "dictionary", nullable: false, dictionaryId: 7 },
    { name: "ts", type: "timestamp", nullable: false },
    { name: "rsi", type: "float64", nullable: true },
    { name: "hit", type: "bool", nullable: true },
  ],
  metadata: { origin: "test" },
};
const symbols = ["AAPL", "BRK.B", "茅台", ""];
const dictionaries = new Map([[7, symbols]]);

/** One record batch of `rowCount` rows: symbols in turn, rsi null in every second row. */
function recordBatch(rowCount: number): Uint8Array {
  const buffers = [
    new Uint8Array(0),
    new Uint8Array(Int32Array.from({ length: rowCount }, (_, row) => row % 4).buffer),
    new Uint8Array(0),
    new Uint8Array(BigInt64Array.from({ length: rowCount }, (_, row) => BigInt(row) * 1000n).buffer),
    new Uint8Array(Math.ceil(rowCount / 8)).fill(0b10101010),
    new Uint8Array(Float64Array.from({ length: rowCount }, (_, row) => row / 4).buffer),
    new Uint8Array(0),
    new Uint8Array(Math.ceil(rowCount / 8)).fill(0b11001100),
  ];
  const { header, bodyLength, bufferOffsets } = encodeRecordBatchHeader({
    rowCount,
    nodes: [0, 0, Math.ceil(rowCount / 2), 0].map((nullCount) => ({ length: rowCount, nullCount })),
    bufferLengths: buffers.map((buffer) => buffer.length),
  });
  const message = new Uint8Array(header.length + bodyLength);
  message.set(header);
  buffers.forEach((buffer, index) => message.set(buffer, header.length + bufferOffsets[index]!));
  return message;
}

const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const partitions = [join(recordBatch(10), recordBatch(3)), join(recordBatch(8))];
const reader = (bytes: Uint8Array) => (offset: number, length: number) =>
  bytes.subarray(offset, offset + length);

function expectRows(bytes: Uint8Array): void {
  const table = tableFromIPC(bytes);
  expect(table.schema.fields.map(String)).toEqual([
    "symbol: Dictionary<Int32, Utf8>",
    "ts: Timestamp<MICROSECOND, UTC>",
    "rsi: Float64",
    "hit: Bool",
  ]);
  expect(table.schema.metadata.get("origin")).toBe("test");
  expect(table.batches.map((batch) => batch.numRows)).toEqual([10, 3, 8]);
  expect([...table.getChild("symbol")!].slice(8, 14)).toEqual([
    "AAPL",
    "BRK.B",
    "AAPL",
    "BRK.B",
    "茅台",
    "AAPL",
  ]);
  expect([...table.getChild("rsi")!].slice(0, 4)).toEqual([null, 0.25, null, 0.75]);
  expect([...table.getChild("hit")!].slice(0, 4)).toEqual([false, false, true, true]);
}

describe("partition files put together", () => {
  test("become a stream that apache-arrow reads", () => {
    const { prefix } = encodePrefix(schema, dictionaries, "stream");
    expect(prefix.length % 64).toBe(0);
    expectRows(join(prefix, ...partitions, END_OF_STREAM));
  });

  test("become a file whose footer names every batch", () => {
    const { prefix, dictionaryBlocks } = encodePrefix(schema, dictionaries, "file");
    expect(prefix.length % 64).toBe(0);
    let base = prefix.length;
    const blocks = partitions.flatMap((partition) => {
      const found = recordBatchBlocks(partition.length, reader(partition), base).blocks;
      base += partition.length;
      return found;
    });
    const file = join(prefix, ...partitions, encodeFileFooter(schema, dictionaryBlocks, blocks));
    expectRows(file);
    expect(decodeFileFooter(file)).toEqual({ schema, dictionaries: dictionaryBlocks, recordBatches: blocks });
  });

  test("may be none at all: an empty result with the right schema", () => {
    const { prefix, dictionaryBlocks } = encodePrefix(schema, dictionaries, "file");
    for (const bytes of [
      join(encodePrefix(schema, dictionaries, "stream").prefix, END_OF_STREAM),
      join(prefix, encodeFileFooter(schema, dictionaryBlocks, [])),
    ]) {
      const table = tableFromIPC(bytes);
      expect(table.numRows).toBe(0);
      expect(table.schema.fields.map((field) => field.name)).toEqual(["symbol", "ts", "rsi", "hit"]);
    }
  });
});

describe("recordBatchBlocks()", () => {
  test("counts rows by reading headers only", () => {
    const partition = partitions[0]!;
    let bytesRead = 0;
    const { rowCount, blocks } = recordBatchBlocks(partition.length, (offset, length) => {
      bytesRead += length;
      return partition.subarray(offset, offset + length);
    });
    expect(rowCount).toBe(13);
    expect(bytesRead).toBe(blocks.reduce((sum, block) => sum + block.metadataLength + 8, 0));
  });

  test("refuses a partition that is cut short, wherever the cut is", () => {
    const partition = partitions[1]!;
    for (let length = 1; length < partition.length; length += 61) {
      const cut = partition.subarray(0, length);
      expect(() => recordBatchBlocks(cut.length, reader(cut))).toThrow(RangeError);
    }
    const cut = partition.subarray(0, partition.length - 64);
    expect(() => recordBatchBlocks(cut.length, reader(cut))).toThrow(
      `the record batch at byte 0 ends at ${partition.length}, but the file at ${partition.length - 64}`,
    );
  });

  test("refuses a partition that holds anything but record batches", () => {
    const other = encodeDictionaryBatch(0, ["a"]);
    expect(() => recordBatchBlocks(other.length, reader(other))).toThrow("no record batch starts at byte 0");
    const zeros = new Uint8Array(64);
    expect(() => recordBatchBlocks(zeros.length, reader(zeros))).toThrow("no Arrow message starts here");
  });
});

describe("decodeMessage()", () => {
  test("reads what apache-arrow wrote", () => {
    const table = new Table({
      s: vectorFromArray(["a", "b", null], new Dictionary(new Utf8(), new Int32(), 3)),
      x: makeVector(Float64Array.of(1, 2, 3)),
    });
    const bytes = tableToIPC(table, "stream");
    const first = decodeMessage(bytes)!;
    expect(first.schema?.fields).toMatchObject([
      { name: "s", type: "dictionary", dictionaryId: 3 },
      { name: "x", type: "float64" },
    ]);
    const second = decodeMessage(bytes, first.metadataLength)!;
    expect(second).toMatchObject({ kind: "dictionary", dictionaryId: 3, isCompressed: false });
    const third = decodeMessage(bytes, first.metadataLength + second.metadataLength + second.bodyLength)!;
    expect(third).toMatchObject({
      kind: "recordBatch",
      rowCount: 3,
      nodes: [{ nullCount: 1 }, { nullCount: 0 }],
    });
  });

  test("says nothing about a schema with a type that Quiver does not write", () => {
    const bytes = tableToIPC(new Table({ x: makeVector(Uint16Array.of(1)) }), "stream");
    expect(decodeMessage(bytes)).not.toHaveProperty("schema");
  });

  test("returns nothing at the end, and throws on anything that is no message", () => {
    expect(decodeMessage(END_OF_STREAM)).toBeUndefined();
    expect(decodeMessage(new Uint8Array(0))).toBeUndefined();
    expect(() => decodeMessage(new TextEncoder().encode("PAR1 and so on"))).toThrow(
      "no Arrow message starts here",
    );
    const message = encodeSchemaMessage(schema);
    expect(() => decodeMessage(message.subarray(0, message.length - 1))).toThrow("metadata is cut short");
  });
});
