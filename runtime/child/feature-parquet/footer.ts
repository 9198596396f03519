import { CODEC, CONVERTED, MAGIC, type ParquetType, PHYSICAL_OF, REPETITION } from "./parquet-format.ts";
import { CompactWriter, LIST_OF } from "./thrift-compact.ts";

export interface SchemaColumn {
  readonly name: string;
  readonly type: ParquetType;
  readonly nullable: boolean;
}

/** One column of one row group, already written to the file. */
export interface ChunkFacts {
  readonly encodings: readonly number[];
  readonly compressed: boolean;
  readonly rowCount: number;
  readonly nullCount: number;
  /** Undefined if no row has a value. */
  readonly minBytes: Uint8Array | undefined;
  readonly maxBytes: Uint8Array | undefined;
  readonly isFloat: boolean;
  readonly dictionaryOffset: number | undefined;
  readonly dataOffset: number;
  /** Including headers, as the format requires. */
  readonly plainByteLength: number;
  readonly storedByteLength: number;
}

export interface RowGroupFacts {
  readonly rowCount: number;
  readonly chunks: readonly ChunkFacts[];
}

const CREATED_BY = "quiver feature-parquet version 1 (build 1)";

/** Everything after the last page: metadata, its length, the magic bytes. */
export function encodeFooter(
  schema: readonly SchemaColumn[],
  rowGroups: readonly RowGroupFacts[],
  keyValueMetadata: Readonly<Record<string, string>>,
): Uint8Array {
  const out = new CompactWriter();
  out.beginElement();
  out.i32(1, 2);
  out.list(2, LIST_OF.struct, schema.length + 1);
  writeSchemaRoot(out, schema.length);
  for (const column of schema) writeSchemaColumn(out, column);
  out.i64(
    3,
    rowGroups.reduce((sum, { rowCount }) => sum + rowCount, 0),
  );
  out.list(4, LIST_OF.struct, rowGroups.length);
  rowGroups.forEach((rowGroup, ordinal) => writeRowGroup(out, schema, rowGroup, ordinal));
  writeKeyValues(out, keyValueMetadata);
  out.string(6, CREATED_BY);
  // Readers may trust min and max only if their sort order is declared; here it is the type's own.
  out.list(7, LIST_OF.struct, schema.length);
  for (let i = 0; i < schema.length; i++) {
    out.beginElement();
    out.beginStruct(1);
    out.end();
    out.end();
  }
  out.end();
  const metadata = out.toBytes();
  const footer = new Uint8Array(metadata.length + 8);
  footer.set(metadata);
  new DataView(footer.buffer).setUint32(metadata.length, metadata.length, true);
  footer.set(MAGIC, metadata.length + 4);
  return footer;
}

function writeSchemaRoot(out: CompactWriter, columnCount: number): void {
  out.beginElement();
  out.string(4, "schema");
  out.i32(5, columnCount);
  out.end();
}

function writeSchemaColumn(out: CompactWriter, { name, type, nullable }: SchemaColumn): void {
  out.beginElement();
  out.i32(1, PHYSICAL_OF[type]);
  out.i32(3, nullable ? REPETITION.optional : REPETITION.required);
  out.string(4, name);
  if (type === "utf8") annotate(out, CONVERTED.utf8, 1);
  else if (type === "date32") annotate(out, CONVERTED.date, 6);
  else if (type === "timestamp") writeTimestampType(out);
  out.end();
}

/** Writes the old annotation and the new one, which is an empty struct in the union of logical types. */
function annotate(out: CompactWriter, converted: number, logicalId: number): void {
  out.i32(6, converted);
  out.beginStruct(10);
  out.beginStruct(logicalId);
  out.end();
  out.end();
}

/** Microseconds, adjusted to UTC. */
function writeTimestampType(out: CompactWriter): void {
  out.i32(6, CONVERTED.timestampMicros);
  out.beginStruct(10);
  out.beginStruct(8);
  out.bool(1, true);
  out.beginStruct(2);
  out.beginStruct(2);
  out.end();
  out.end();
  out.end();
  out.end();
}

function writeRowGroup(
  out: CompactWriter,
  schema: readonly SchemaColumn[],
  { rowCount, chunks }: RowGroupFacts,
  ordinal: number,
): void {
  out.beginElement();
  out.list(1, LIST_OF.struct, chunks.length);
  chunks.forEach((chunk, index) => writeChunk(out, schema[index]!, chunk));
  out.i64(2, sumOf(chunks, "plainByteLength"));
  out.i64(3, rowCount);
  out.i64(5, firstOffset(chunks[0]!));
  out.i64(6, sumOf(chunks, "storedByteLength"));
  // The ordinal is 16 bits wide in the format and may be left out.
  if (ordinal < 0x8000) out.i16(7, ordinal);
  out.end();
}

function writeChunk(out: CompactWriter, column: SchemaColumn, chunk: ChunkFacts): void {
  out.beginElement();
  // Deprecated, and 0 unless the metadata is repeated beside the pages.
  out.i64(2, 0);
  out.beginStruct(3);
  out.i32(1, PHYSICAL_OF[column.type]);
  out.list(2, LIST_OF.i32, chunk.encodings.length);
  for (const encoding of chunk.encodings) out.i32Element(encoding);
  out.list(3, LIST_OF.binary, 1);
  out.stringElement(column.name);
  out.i32(4, chunk.compressed ? CODEC.zstd : CODEC.uncompressed);
  out.i64(5, chunk.rowCount);
  out.i64(6, chunk.plainByteLength);
  out.i64(7, chunk.storedByteLength);
  out.i64(9, chunk.dataOffset);
  if (chunk.dictionaryOffset !== undefined) out.i64(11, chunk.dictionaryOffset);
  out.beginStruct(12);
  out.i64(3, chunk.nullCount);
  if (chunk.maxBytes !== undefined) out.binary(5, chunk.maxBytes);
  if (chunk.minBytes !== undefined) out.binary(6, chunk.minBytes);
  // The number of NaN values, always 0; without it a reader may not trust the bounds.
  if (chunk.isFloat) out.i64(9, 0);
  out.end();
  out.end();
  out.end();
}

function firstOffset({ dictionaryOffset, dataOffset }: ChunkFacts): number {
  return dictionaryOffset ?? dataOffset;
}

function sumOf(chunks: readonly ChunkFacts[], field: "plainByteLength" | "storedByteLength"): number {
  return chunks.reduce((sum, chunk) => sum + chunk[field], 0);
}

function writeKeyValues(out: CompactWriter, keyValues: Readonly<Record<string, string>>): void {
  const entries = Object.entries(keyValues);
  if (entries.length === 0) return;
  out.list(5, LIST_OF.struct, entries.length);
  for (const [key, value] of entries) {
    out.beginElement();
    out.string(1, key);
    out.string(2, value);
    out.end();
  }
}
