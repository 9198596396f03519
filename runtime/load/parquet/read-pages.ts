import { zstdDecompressSync } from "node:zlib";
import { messageOf } from "../../../shared/errors/index.ts";
import { bytesOf } from "../fill/column-bytes.ts";
import { expandLevels } from "./hybrid-runs.ts";
import type { ColumnChunk, ParquetColumn } from "./parquet-metadata.ts";
import { readThriftStruct, thriftNumber, thriftStruct } from "./thrift-reader.ts";

/**
 * A page that is not damaged, but of a kind that is left to DuckDB. Recognised by name, because it crosses threads.
 */
export class UnreadablePage extends Error {
  override readonly name = "UnreadablePage";
}

export type Page =
  /** Plain values that the indices of later pages refer to. */
  | { readonly kind: "dictionary"; readonly bytes: Uint8Array }
  | {
      /** The values themselves, or indices into the dictionary. */
      readonly kind: "plain" | "indices";
      readonly bytes: Uint8Array;
      /** The start of the values, after the levels. */
      readonly start: number;
      readonly count: number;
      /** One byte per row, 1 for a value; null if no value is missing. The page contains only present values. */
      readonly valid: Uint8Array | null;
    };

/** Page types and encodings from parquet.thrift. */
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const PLAIN = 0;
const DICTIONARY_ENCODINGS: ReadonlySet<number> = new Set([2, 8]);

const TEXT_PAGE_BYTES_MAX = 1 << 28;

/**
 * Yields the decompressed pages of one column chunk until all its values are covered. Throws a RangeError if they are
 * damaged and `UnreadablePage` if they are of another kind.
 */
export function* readPages(bytes: Uint8Array, column: ParquetColumn, chunk: ColumnChunk): Generator<Page> {
  let row = 0;
  let position = 0;
  while (row < chunk.valueCount) {
    const { struct: header, end } = readThriftStruct(bytes, position);
    const byteLength = thriftNumber(header, 2) ?? -1;
    const stored = bytes.subarray(end, end + (thriftNumber(header, 3) ?? 0));
    position = end + stored.length;
    const pageType = thriftNumber(header, 1);
    if (pageType !== DATA_PAGE && pageType !== DICTIONARY_PAGE) {
      throw new UnreadablePage(`a page of type ${pageType}`);
    }
    // The values, levels and run headers of a page can never take more; damage must not make us allocate gigabytes.
    const most = column.type === "text" ? TEXT_PAGE_BYTES_MAX : chunk.valueCount * 9 + 4096;
    if (byteLength < 0 || byteLength > most) {
      throw new RangeError(`a page of ${byteLength} bytes for ${chunk.valueCount} values`);
    }
    const page = decompressed(stored, chunk, byteLength);
    if (pageType === DICTIONARY_PAGE) {
      yield { kind: "dictionary", bytes: page };
      continue;
    }
    const data = thriftStruct(header, 5);
    const count = data === undefined ? 0 : (thriftNumber(data, 1) ?? 0);
    if (data === undefined || count < 1 || row + count > chunk.valueCount) {
      throw new RangeError(`a page of ${count} values`);
    }
    const encoding = thriftNumber(data, 2) ?? -1;
    if (encoding !== PLAIN && !DICTIONARY_ENCODINGS.has(encoding)) {
      throw new UnreadablePage(`an encoding ${encoding}`);
    }
    const kind = encoding === PLAIN ? "plain" : "indices";
    yield { kind, bytes: page, count, ...levelsOf(column, page, count) };
    row += count;
  }
}

/** The definition levels of a page and the start of its values. */
function levelsOf(
  column: ParquetColumn,
  page: Uint8Array,
  count: number,
): { valid: Uint8Array | null; start: number } {
  if (!column.isOptional) return { valid: null, start: 0 };
  const byteLength = new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(0, true);
  if (byteLength + 4 > page.length) throw new RangeError("a page ends within its levels");
  return { valid: expandLevels(page, 4, count), start: 4 + byteLength };
}

function decompressed(stored: Uint8Array, { codec }: ColumnChunk, byteLength: number): Uint8Array {
  const bytes = codec === "uncompressed" ? stored : unzstd(stored, byteLength);
  if (bytes.length !== byteLength) {
    throw new RangeError(`a page of ${bytes.length} bytes, expected ${byteLength}`);
  }
  return bytes;
}

/**
 * Decompresses in one piece; by default the result is assembled from pieces of 16 KiB. Not returned as a `Buffer`,
 * whose slice is not a copy.
 */
function unzstd(stored: Uint8Array, byteLength: number): Uint8Array {
  const options = { chunkSize: Math.max(1024, byteLength), maxOutputLength: Math.max(1, byteLength) };
  try {
    return bytesOf(zstdDecompressSync(stored, options));
  } catch (error) {
    throw new RangeError(`a page cannot be decompressed: ${messageOf(error)}`);
  }
}
