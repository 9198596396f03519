import type { ColumnType } from "../../../shared/arrow/index.ts";
import { createChunkReader, type ChunkReader } from "./chunk-reader.ts";
import type { RowRun } from "../fill/cut-rows.ts";
import { openPart, type PartWriter, type WrittenPart } from "../fill/part-writer.ts";
import { converterFor, type Converter } from "./convert-values.ts";
import { decodeColumn } from "./decode-column.ts";
import { readParquetMetadata, type ParquetMetadata } from "./parquet-metadata.ts";

/** Consecutive rows of one Parquet file. */
export interface FileRows {
  readonly path: string;
  readonly firstRow: number;
  readonly endRow: number;
}

export interface SegmentColumn {
  readonly name: string;
  readonly stored: ColumnType;
  readonly wanted: Exclude<ColumnType, "utf8">;
  /** The column file to write. */
  readonly path: string;
}

/** One part of some columns, read from Parquet without DuckDB. It is plain data, so another thread can fill it. */
export interface Segment {
  /** In the order of their rows in the part. */
  readonly reads: readonly FileRows[];
  readonly rows: RowRun;
  readonly columns: readonly SegmentColumn[];
}

/** Writes the part of each column. Throws a RangeError if a file is damaged or of a kind that is not read here. */
export function fillSegment(
  { reads, rows, columns }: Segment,
  metadataOf: (path: string) => ParquetMetadata = readParquetMetadata,
): WrittenPart[] {
  const writers: PartWriter[] = [];
  const chunks = createChunkReader();
  try {
    for (const column of columns) writers.push(openPart(column.path, column.name, column.wanted, rows));
    for (const read of reads) copyRows(read, columns, writers, metadataOf(read.path), chunks);
    return writers.map((writer) => writer.finish());
  } finally {
    chunks.close();
    for (const writer of writers) writer.discard();
  }
}

function copyRows(
  { path, firstRow, endRow }: FileRows,
  columns: readonly SegmentColumn[],
  writers: readonly PartWriter[],
  metadata: ParquetMetadata,
  chunks: ChunkReader,
): void {
  const sources = columns.map(({ name, stored, wanted }) => {
    const position = metadata.columns.findIndex((column) => column.name === name);
    const convert = converterFor(metadata.columns[position], stored, wanted);
    if (convert === undefined) throw new RangeError(`${path} does not hold ${name} as ${stored}`);
    return { position, convert };
  });
  if (endRow > metadata.rowCount) throw new RangeError(`${path} has ${metadata.rowCount} rows`);
  for (const group of metadata.rowGroups) {
    const from = Math.max(0, firstRow - group.firstRow);
    const end = Math.min(group.rowCount, endRow - group.firstRow);
    if (from >= end) continue;
    for (const [i, { position, convert }] of sources.entries()) {
      const chunk = group.chunks[position]!;
      const decoded = decodeColumn(chunks.read(path, chunk), metadata.columns[position]!, chunk);
      appendRows(writers[i]!, convert, decoded, from, end);
    }
  }
}

/**
 * Validity is written for every row or for none, and a column may turn out to have nulls only in a later row group.
 */
function appendRows(
  writer: PartWriter,
  convert: Converter,
  decoded: Parameters<Converter>[0],
  from: number,
  end: number,
): void {
  const { bytes, valid } = convert(decoded, from, end);
  writer.append(bytes);
  if (valid !== null) writer.appendValid(valid);
  else writer.skipValid(end - from);
}
