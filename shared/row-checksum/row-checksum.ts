import { createHash } from "node:crypto";
import type { ColumnType } from "../contract/columns.ts";

/** The columns of the rows besides their symbols. It enters the checksum, so equal bytes of different types differ. */
export interface ChecksumSchema {
  readonly tsType: "date32" | "timestamp";
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
}

/** The checksums of all rows of one symbol so far. */
export interface ChecksumUnit {
  readonly symbol: string;
  readonly rowCount: number;
  /** `checksumsPerUnit(columns)` CRC-32 words, laid out as described at `rowChecksum`. */
  readonly checksums: Uint32Array;
}

/** Words per symbol: one for `ts`, two for each column. */
export function checksumsPerUnit(columnCount: number): number {
  return 1 + 2 * columnCount;
}

/**
 * The checksum of a version's logical rows: lower-case hex SHA-256, independent of files, partitions, codecs and the
 * number of appends.
 *
 * Each symbol contributes its row count and CRC-32 words: first the CRC of its `ts` values, then for each column the
 * CRC of its non-null values and the CRC of the ordinals (int32, 0 at the symbol's first row) of its null rows. Values
 * are as in memory, little-endian, with `bool` as one byte. A CRC-32 can continue where it ended, so later rows of a
 * symbol extend its words, and the symbols of several partitions are simply concatenated.
 *
 * Units must be ordered by symbol (as UTF-8 bytes), each symbol once; symbols without rows do not count.
 */
export function rowChecksum(schema: ChecksumSchema, units: Iterable<ChecksumUnit>): string {
  const words = checksumsPerUnit(schema.columns.length);
  const hash = createHash("sha256");
  hash.update(JSON.stringify([schema.tsType, schema.columns.map(({ name, type }) => [name, type])]));
  const rowCountBytes = new Uint8Array(8);
  const rowCountView = new DataView(rowCountBytes.buffer);
  let previous: Buffer | undefined;
  for (const { symbol, rowCount, checksums } of units) {
    if (checksums.length !== words) {
      throw new RangeError(
        `Cannot combine row checksums: symbol ${JSON.stringify(symbol)} has ${checksums.length} words, expected ${words}.`,
      );
    }
    const symbolBytes = Buffer.from(symbol);
    if (previous !== undefined && Buffer.compare(previous, symbolBytes) >= 0) {
      throw new RangeError(
        `Cannot combine row checksums: symbol ${JSON.stringify(symbol)} follows ${JSON.stringify(previous.toString())}, expected symbols in ascending order, each once.`,
      );
    }
    previous = symbolBytes;
    if (rowCount === 0) continue;
    rowCountView.setUint32(0, symbolBytes.length, true);
    rowCountView.setUint32(4, rowCount, true);
    hash.update(rowCountBytes).update(symbolBytes);
    hash.update(new Uint8Array(checksums.buffer, checksums.byteOffset, checksums.byteLength));
  }
  return hash.digest("hex");
}
