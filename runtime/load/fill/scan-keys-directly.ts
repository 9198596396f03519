import { join } from "node:path";
import { converterFor } from "../parquet/convert-values.ts";
import { createChunkReader, type ChunkReader } from "../parquet/chunk-reader.ts";
import { createCoder, decodeCodes, type Coder } from "../parquet/decode-codes.ts";
import { decodeColumn } from "../parquet/decode-column.ts";
import type { Expandable } from "../parquet/hybrid-runs.ts";
import type { ColumnChunk, ParquetMetadata, RowGroup } from "../parquet/parquet-metadata.ts";
import type { DatasetFile } from "../../store/dataset.ts";
import { columnOf, type DatasetVersion } from "./dataset-reader.ts";
import type { StoredRows } from "./row-order.ts";
import type { KeyFilter } from "./scan-keys.ts";

/** Whether symbols and times can be read directly from the pages of all files. */
export function hasDirectKeys(version: DatasetVersion, files: readonly DatasetFile[]): boolean {
  const { record } = version;
  const times = [record.eventTime, record.knownTime].filter((name) => name !== null);
  return files.every((file) => {
    const { columns } = version.parquetOf(file);
    const find = (name: string) => columns.find((column) => column.name === name);
    const symbol = find("symbol");
    return (
      symbol?.type === "text" &&
      symbol.isReadable &&
      times.every((name) => {
        const { type } = columnOf(record, name);
        return converterFor(find(name), type, type) !== undefined;
      })
    );
  });
}

/** Stored rows, with their positions if only some were wanted. */
export interface ScannedRows extends StoredRows {
  /** The number of each row over all files of the filter; null if all their rows are included. */
  readonly storedRows: Int32Array | null;
}

/**
 * Reads symbol, event time and known time of stored rows, in file order, without DuckDB: with thousands of small
 * files, opening each is most of the work, for which DuckDB takes a second.
 */
export async function scanKeysDirectly(
  version: DatasetVersion,
  filter: KeyFilter,
  rowCountMax: number,
  signal: AbortSignal,
): Promise<ScannedRows> {
  const isScoped = filter.where !== "";
  const scan: KeyScan = {
    filter,
    isScoped,
    rows: allocateRows(version, rowCountMax, isScoped),
    coder: createCoder(filter.symbols),
    chunks: createChunkReader(),
    texts: filter.symbols.map((symbol) => new TextEncoder().encode(symbol)),
  };
  let rowCount = 0;
  let fileRow = 0;
  let pausedAt = performance.now();
  try {
    for (const file of filter.files) {
      const metadata = version.parquetOf(file);
      const path = join(version.dir, file.path);
      for (const group of metadata.rowGroups) {
        rowCount += scanGroup(scan, path, metadata, group, rowCount, fileRow + group.firstRow);
      }
      fileRow += file.rowCount;
      if (performance.now() - pausedAt < PAUSE_EVERY_MS) continue;
      await pause(signal);
      pausedAt = performance.now();
    }
  } finally {
    scan.chunks.close();
  }
  return { ...scan.rows, rowCount };
}

/** The longest time that the engine's other requests, or the news that a client is gone, have to wait. */
export const PAUSE_EVERY_MS = 50;

export async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}

interface KeyScan {
  readonly filter: KeyFilter;
  readonly isScoped: boolean;
  readonly rows: Omit<ScannedRows, "rowCount">;
  readonly coder: Coder;
  readonly chunks: ChunkReader;
  /** The wanted symbols as bytes, ascending. */
  readonly texts: readonly Uint8Array[];
}

/** Returns the number of rows added. */
function scanGroup(
  scan: KeyScan,
  path: string,
  metadata: ParquetMetadata,
  group: RowGroup,
  at: number,
  groupRow: number,
): number {
  const { filter, rows, isScoped } = scan;
  const symbols = chunkOf(metadata, group, "symbol")!;
  if (isScoped && !mayHold(symbols.chunk, scan.texts)) return 0;
  const found = decodeCodes(scan.chunks.read(path, symbols.chunk), symbols.column, symbols.chunk, scan.coder);
  const wanted = isScoped ? placesOf(found) : null;
  if (wanted !== null && wanted.length === 0) return 0;
  const count = wanted?.length ?? found.length;
  if (at + count > rows.codes.length)
    throw new RangeError(`${path} holds more rows than the symbol index counts`);
  const time = (name: string) => {
    const source = chunkOf(metadata, group, name);
    if (source === undefined) return undefined;
    return decodeColumn(scan.chunks.read(path, source.chunk), source.column, source.chunk).values;
  };
  take(found, wanted, rows.codes, at);
  if (rows.storedRows !== null) {
    for (let i = 0; i < count; i++) rows.storedRows[at + i] = groupRow + wanted![i]!;
  }
  takeTimes(time("ts"), wanted, count, rows.ts, at);
  if (rows.knownAt !== null) takeTimes(time("known_at"), wanted, count, rows.knownAt, at);
  hideUnknown(rows, filter, at, at + count);
  return count;
}

/**
 * Removes the code of rows that are not yet known at the requested moment, or too early: they exist, but are not
 * wanted.
 */
function hideUnknown(
  { codes, ts, knownAt }: KeyScan["rows"],
  { asOfMicros, firstTs, lastTs }: KeyFilter,
  from: number,
  end: number,
): void {
  if (asOfMicros !== null && knownAt !== null) {
    for (let row = from; row < end; row++) if (knownAt[row]! > asOfMicros) codes[row] = -1;
  }
  if (firstTs !== undefined) for (let row = from; row < end; row++) if (ts[row]! < firstTs) codes[row] = -1;
  if (lastTs !== null) for (let row = from; row < end; row++) if (ts[row]! > lastTs) codes[row] = -1;
}

function allocateRows(
  { record }: DatasetVersion,
  rowCount: number,
  isScoped: boolean,
): Omit<ScannedRows, "rowCount"> {
  const isInstant = record.eventTime !== null && columnOf(record, "ts").type === "timestamp";
  return {
    codes: new Int32Array(rowCount),
    ts: isInstant ? new Float64Array(rowCount) : new Int32Array(rowCount),
    knownAt: record.knownTime === null ? null : new Float64Array(rowCount),
    storedRows: isScoped ? new Int32Array(rowCount) : null,
  };
}

function chunkOf({ columns }: ParquetMetadata, group: RowGroup, name: string) {
  const position = columns.findIndex((column) => column.name === name);
  return position < 0 ? undefined : { column: columns[position]!, chunk: group.chunks[position]! };
}

/** Judges by the chunk's statistics; without them it may contain anything. */
function mayHold({ bounds }: ColumnChunk, texts: readonly Uint8Array[]): boolean {
  return (
    bounds === null ||
    texts.some((text) => Buffer.compare(text, bounds.min) >= 0 && Buffer.compare(text, bounds.max) <= 0)
  );
}

function placesOf(codes: Int32Array): Int32Array {
  let count = 0;
  for (const code of codes) if (code >= 0) count++;
  const places = new Int32Array(count);
  for (let i = 0, next = 0; i < codes.length; i++) if (codes[i]! >= 0) places[next++] = i;
  return places;
}

function take(values: Int32Array, wanted: Int32Array | null, target: Int32Array, at: number): void {
  if (wanted === null) target.set(values, at);
  else for (let i = 0; i < wanted.length; i++) target[at + i] = values[wanted[i]!]!;
}

/** Takes days unchanged and assembles microseconds from their two halves. */
function takeTimes(
  values: Expandable | undefined,
  wanted: Int32Array | null,
  count: number,
  target: Int32Array | Float64Array,
  at: number,
): void {
  if (values === undefined) return;
  if (target instanceof Int32Array) {
    if (values instanceof Int32Array) take(values, wanted, target, at);
    return;
  }
  for (let i = 0; i < count; i++) {
    const row = wanted === null ? i : wanted[i]!;
    target[at + i] = values[2 * row + 1]! * 2 ** 32 + (values[2 * row]! >>> 0);
  }
}
