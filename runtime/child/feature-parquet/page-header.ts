import { ENCODING, PAGE } from "./parquet-format.ts";
import { CompactWriter } from "./thrift-compact.ts";

export interface DataPage {
  readonly rowCount: number;
  readonly nullCount: number;
  readonly encoding: number;
  readonly levelsByteLength: number;
  /** Size of the values alone, as stored and before compression. */
  readonly storedByteLength: number;
  readonly plainByteLength: number;
  readonly compressed: boolean;
}

/**
 * The header of a version 2 data page. Definition levels precede the values and are never compressed, so they need not
 * be joined with the values in memory.
 */
export function dataPageHeader(page: DataPage): Uint8Array {
  const out = new CompactWriter();
  out.beginElement();
  out.i32(1, PAGE.dataV2);
  out.i32(2, page.levelsByteLength + page.plainByteLength);
  out.i32(3, page.levelsByteLength + page.storedByteLength);
  out.beginStruct(8);
  out.i32(1, page.rowCount);
  out.i32(2, page.nullCount);
  out.i32(3, page.rowCount);
  out.i32(4, page.encoding);
  out.i32(5, page.levelsByteLength);
  out.i32(6, 0);
  out.bool(7, page.compressed);
  out.end();
  out.end();
  return out.toBytes();
}

/** The header of a dictionary page with plain, uncompressed values. */
export function dictionaryPageHeader(valueCount: number, byteLength: number): Uint8Array {
  const out = new CompactWriter();
  out.beginElement();
  out.i32(1, PAGE.dictionary);
  out.i32(2, byteLength);
  out.i32(3, byteLength);
  out.beginStruct(7);
  out.i32(1, valueCount);
  out.i32(2, ENCODING.plain);
  out.end();
  out.end();
  return out.toBytes();
}
