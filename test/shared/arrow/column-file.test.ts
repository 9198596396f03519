import { tableFromIPC } from "apache-arrow";
import { describe, expect, test } from "vitest";
import {
  allocateColumn,
  COLUMN_TYPES,
  columnFileLayout,
  encodePrefix,
  encodeFileFooter,
  readColumnFile,
  type ColumnFileSpec,
  type ColumnType,
} from "../../../shared/arrow/index.ts";

/** A whole column file with every third row null (when asked) and values derived from the row. */
function columnFile(type: ColumnType, rowCount: number, withNulls: boolean): Uint8Array {
  const text = new TextEncoder().encode(Array.from({ length: rowCount }, (_, row) => `r${row}`).join(""));
  const nullCount = Math.ceil(rowCount / 3);
  const spec: ColumnFileSpec = {
    name: "colonne-é",
    type,
    rowCount,
    ...(withNulls ? { nullCount } : {}),
    ...(type === "utf8" ? { textByteLength: text.length } : {}),
  };
  const layout = columnFileLayout(spec);
  const bytes = new Uint8Array(layout.totalByteLength);
  bytes.set(layout.header);
  bytes.set(valuesOf(type, rowCount), layout.dataOffset);
  if (type === "utf8") bytes.set(text, layout.textOffset);
  for (let row = 0; withNulls && row < rowCount; row++) {
    if (row % 3 !== 0) bytes[layout.validityOffset + (row >> 3)]! |= 1 << (row & 7);
  }
  bytes.set(layout.footer, layout.footerOffset);
  return bytes;
}

function valuesOf(type: ColumnType, rowCount: number): Uint8Array {
  if (type === "utf8") {
    const offsets = new Int32Array(rowCount + 1);
    for (let row = 0; row < rowCount; row++) offsets[row + 1] = offsets[row]! + `r${row}`.length;
    return new Uint8Array(offsets.buffer);
  }
  const values = allocateColumn(type, rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (values instanceof BigInt64Array) values[row] = BigInt(row * 1000);
    else values[row] = type === "bool" ? row % 2 : row * 1.5;
  }
  return new Uint8Array(values.buffer);
}

/** What apache-arrow's vectors are expected to say for row `row`. */
function expectedValue(type: ColumnType, row: number): unknown {
  if (type === "utf8") return `r${row}`;
  if (type === "int64") return BigInt(row * 1000);
  if (type === "timestamp") return row;
  if (type === "date32") return Math.trunc(row * 1.5) * 86_400_000;
  if (type === "bool") return row % 2;
  return type === "int32" ? Math.trunc(row * 1.5) : row * 1.5;
}

describe.each(COLUMN_TYPES)("a column file of %s", (type) => {
  test.each([0, 1, 7, 8, 9, 1000])("with %i rows is read back as views of the same bytes", (rowCount) => {
    for (const withNulls of [false, true]) {
      const bytes = columnFile(type, rowCount, withNulls);
      const column = readColumnFile(bytes);
      expect(column).toMatchObject({ name: "colonne-é", type, rowCount });
      expect(column.data.buffer).toBe(bytes.buffer);
      expect(column.data.byteOffset % 64).toBe(0);
      expect(column.data.length).toBe(type === "utf8" ? rowCount + 1 : rowCount);
      expect(new Uint8Array(column.data.buffer, column.data.byteOffset, column.data.byteLength)).toEqual(
        valuesOf(type, rowCount),
      );
      expect(column.nullCount).toBe(withNulls ? Math.ceil(rowCount / 3) : 0);
      expect(column.validity?.length).toBe(withNulls && rowCount > 0 ? Math.ceil(rowCount / 8) : undefined);
    }
  });

  test("is read by apache-arrow: name, values and nulls", () => {
    for (const withNulls of [false, true]) {
      const table = tableFromIPC(columnFile(type, 100, withNulls));
      expect(table.numRows).toBe(100);
      expect(table.schema.fields[0]!.name).toBe("colonne-é");
      expect(table.schema.fields[0]!.metadata.get("quiver.type")).toBe(type);
      const vector = table.getChildAt(0)!;
      expect(vector.nullCount).toBe(withNulls ? 34 : 0);
      for (let row = 0; row < 100; row++) {
        expect(vector.get(row)).toEqual(withNulls && row % 3 === 0 ? null : expectedValue(type, row));
      }
    }
  });

  test("keeps its data where it was when rows and nulls become known later", () => {
    const text = type === "utf8" ? { textByteLength: 0 } : {};
    const before = columnFileLayout({ name: "close", type, rowCount: 0, ...text });
    const after = columnFileLayout({ name: "close", type, rowCount: 123_456_789, nullCount: 5, ...text });
    expect(after.header.length).toBe(before.header.length);
    expect(after.dataOffset).toBe(before.dataOffset);
  });
});

describe("readColumnFile()", () => {
  const whole = columnFile("float64", 1000, true);
  const told = (bytes: Uint8Array, problem: string) => {
    const message =
      `Cannot read spool/x.arrow as a column file: ${problem}. ` +
      "Delete the spool directory while nothing runs; it is filled again from the datasets.";
    expect(() => readColumnFile(bytes, "spool/x.arrow")).toThrow(
      expect.objectContaining({ code: "column-file-invalid", message }),
    );
  };

  test("refuses an empty file", () => {
    told(new Uint8Array(0), "the bytes do not start and end with ARROW1");
  });

  test("refuses every file that is cut short", () => {
    for (let length = 0; length < whole.length; length += 97) {
      told(whole.slice(0, length), "the bytes do not start and end with ARROW1");
    }
  });

  test("refuses a file whose middle is missing", () => {
    const holed = new Uint8Array([...whole.subarray(0, 2048), ...whole.subarray(-600)]);
    told(holed, "its buffers do not hold 1000 rows");
  });

  test("refuses an Arrow file of someone else", () => {
    const schema = { fields: [{ name: "a", type: "int32", nullable: false }] } as const;
    const { prefix } = encodePrefix(schema, new Map(), "file");
    told(new Uint8Array([...prefix, ...encodeFileFooter(schema, [], [])]), "it was not written by Quiver");
  });

  test("refuses a file without its record batch", () => {
    const schema = {
      fields: [{ name: "a", type: "int32", nullable: false, metadata: { "quiver.type": "int32" } }],
    } as const;
    const { prefix } = encodePrefix(schema, new Map(), "file");
    const bytes = new Uint8Array([...prefix, ...encodeFileFooter(schema, [], [])]);
    told(bytes, "it holds 0 record batches, expected 1");
  });

  test("refuses a file whose field is stored as another type than it says", () => {
    const schema = {
      fields: [{ name: "a", type: "int32", nullable: false, metadata: { "quiver.type": "float64" } }],
    } as const;
    const { prefix } = encodePrefix(schema, new Map(), "file");
    const bytes = new Uint8Array([...prefix, ...encodeFileFooter(schema, [], [])]);
    told(bytes, "its field is stored as int32, expected the storage of float64");
  });

  test("refuses bytes that no typed array could start in", () => {
    const shifted = new Uint8Array(whole.length + 4).subarray(4);
    shifted.set(whole);
    const dataOffset = columnFileLayout({ name: "colonne-é", type: "float64", rowCount: 1000 }).dataOffset;
    told(shifted, `its values start at byte ${dataOffset + 4} of memory, expected a multiple of 8`);
  });

  test("never fails in an undocumented way, whatever single byte of the metadata is changed", () => {
    const bytes = columnFile("float64", 8, true);
    const { dataOffset } = columnFileLayout({
      name: "colonne-é",
      type: "float64",
      rowCount: 8,
      nullCount: 3,
    });
    for (let at = 0; at < bytes.length; at++) {
      if (at >= dataOffset && at < dataOffset + 128) continue;
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[at]! ^= flip;
        try {
          readColumnFile(damaged);
        } catch (error) {
          expect(error).toMatchObject({ code: "column-file-invalid" });
        }
      }
    }
  });
});
