import { boundBytes, type Bounds, boundsOf, ColumnTotals, joinBounds } from "./column-statistics.ts";
import { DefinitionLevels } from "./definition-levels.ts";
import {
  type FeatureBatch,
  type FeatureColumn,
  type FeatureParquetOptions,
  type FeatureParquetSummary,
  type FeatureParquetWriter,
  type FeatureUnit,
  ROW_GROUP_ROWS_MAX,
} from "./feature-parquet-types.ts";
import { type ChunkFacts, encodeFooter, type RowGroupFacts, type SchemaColumn } from "./footer.ts";
import { dataPageHeader, dictionaryPageHeader } from "./page-header.ts";
import { createValueEncoder, type PageValues } from "./page-values.ts";
import { ENCODING, MAGIC } from "./parquet-format.ts";
import { PartFile } from "./part-file.ts";
import { cutRowGroups, type Segment } from "./row-groups.ts";
import { scanColumn, widthOf } from "./scan-column.ts";
import { encodeSymbols } from "./symbol-chunk.ts";
import { TsEncoder } from "./ts-page.ts";
import { UnitChecksums } from "./unit-checksums.ts";
import { createWorkspace, resetTally, type Workspace } from "./workspace.ts";

/**
 * Opens a Parquet file with the columns `symbol`, `ts` and then nullable outputs, and writes it row group by row
 * group. Everything is synchronous and uses reused memory: about 6 MiB, whatever the file's size.
 */
export function createFeatureParquetWriter(options: FeatureParquetOptions): FeatureParquetWriter {
  return new Writer(options);
}

/** A segment with the position of its checksums. */
interface Entry {
  readonly segment: Segment;
  readonly entry: number;
  /** The ordinal of the segment's first row within its symbol. */
  readonly ordinal: number;
}

class Writer implements FeatureParquetWriter {
  readonly #options: FeatureParquetOptions;
  readonly #file: PartFile;
  readonly #workspace: Workspace;
  readonly #levels = new DefinitionLevels(ROW_GROUP_ROWS_MAX);
  readonly #values;
  readonly #tsEncoder: TsEncoder;
  readonly #checksums: UnitChecksums;
  readonly #totals: readonly ColumnTotals[];
  readonly #rowGroups: RowGroupFacts[] = [];
  #tsBounds: Bounds | undefined;

  constructor(options: FeatureParquetOptions) {
    this.#options = options;
    this.#workspace = options.workspace ?? createWorkspace();
    this.#values = createValueEncoder(this.#workspace, options.codec);
    this.#tsEncoder = new TsEncoder(this.#values);
    this.#checksums = new UnitChecksums(options.columns.length);
    this.#totals = options.columns.map(({ name }) => new ColumnTotals(name));
    const hash =
      options.sha256 === false ? undefined : process.getBuiltinModule("node:crypto").createHash("sha256");
    this.#file = new PartFile(options.path, { hash, fsync: options.fsync ?? true });
    this.#file.append(MAGIC);
  }

  write(batch: FeatureBatch): void {
    requireRectangular(batch, this.#options);
    for (const segments of cutRowGroups(batch.units, ROW_GROUP_ROWS_MAX))
      this.#writeRowGroup(batch, segments);
  }

  unitOf(symbol: string): FeatureUnit["previous"] {
    return this.#checksums.unitOf(symbol);
  }

  close(): FeatureParquetSummary {
    const { columns, tsType, keyValueMetadata } = this.#options;
    const schema: SchemaColumn[] = [
      { name: "symbol", type: "utf8", nullable: false },
      { name: "ts", type: tsType, nullable: false },
      ...columns.map(({ name, type }) => ({ name, type, nullable: true })),
    ];
    this.#file.append(encodeFooter(schema, this.#rowGroups, keyValueMetadata ?? {}));
    const sha256 = this.#file.close();
    return {
      rowCount: this.#rowGroups.reduce((sum, { rowCount }) => sum + rowCount, 0),
      byteLength: this.#file.byteLength,
      sha256,
      columns: this.#totals.map((totals) => totals.summary()),
      firstTs: this.#tsBounds?.min,
      lastTs: this.#tsBounds?.max,
      units: this.#checksums.units(),
      checksums: this.#checksums.words(),
    };
  }

  abort(): void {
    this.#file.abort();
  }

  #writeRowGroup(batch: FeatureBatch, segments: readonly Segment[]): void {
    const from = segments[0]!.from;
    const to = segments.at(-1)!.to;
    const entries = segments.map((segment): Entry => {
      const entry = this.#checksums.enter(segment.unit);
      this.#checksums.addRows(entry.entry, segment.to - segment.from);
      return { segment, ...entry };
    });
    const chunks = [
      this.#writeSymbols(segments, to - from),
      this.#writeTs(batch.ts, entries, from, to),
      ...this.#options.columns.map((_, index) => this.#writeColumn(batch, index, entries, to - from)),
    ];
    this.#rowGroups.push({ rowCount: to - from, chunks });
  }

  #writeSymbols(segments: readonly Segment[], rowCount: number): ChunkFacts {
    const pages = encodeSymbols(
      segments.map(({ unit, from, to }) => ({ symbol: unit.symbol, rowCount: to - from })),
    );
    const dictionaryOffset = this.#file.byteLength;
    const { dictionary, indices } = pages;
    this.#file.append(dictionaryPageHeader(pages.symbolCount, dictionary.length));
    this.#file.append(dictionary);
    const dataOffset = this.#file.byteLength;
    this.#appendDataPage(rowCount, 0, NO_LEVELS, {
      encoding: ENCODING.rleDictionary,
      compressed: false,
      plainByteLength: indices.length,
      pieces: [indices],
    });
    const byteLength = this.#file.byteLength - dictionaryOffset;
    return {
      encodings: [ENCODING.plain, ENCODING.rle, ENCODING.rleDictionary],
      compressed: false,
      rowCount,
      nullCount: 0,
      minBytes: pages.min,
      maxBytes: pages.max,
      isFloat: false,
      dictionaryOffset,
      dataOffset,
      plainByteLength: byteLength,
      storedByteLength: byteLength,
    };
  }

  #writeTs(ts: Int32Array | BigInt64Array, entries: readonly Entry[], from: number, to: number): ChunkFacts {
    const bytes = new Uint8Array(ts.buffer, ts.byteOffset, ts.byteLength);
    for (const { segment, entry } of entries) {
      const width = ts.BYTES_PER_ELEMENT;
      this.#checksums.update(entry, 0, bytes.subarray(segment.from * width, segment.to * width));
    }
    const page = this.#tsEncoder.encode(ts.subarray(from, to));
    this.#tsBounds = joinBounds(this.#tsBounds, page.bounds);
    return this.#writeDataChunk(this.#options.tsType, to - from, 0, NO_LEVELS, page, page.bounds);
  }

  #writeColumn(batch: FeatureBatch, index: number, entries: readonly Entry[], rowCount: number): ChunkFacts {
    const column = this.#options.columns[index]!;
    const values = batch.columns[index]!;
    const workspace = this.#workspace;
    const { tally, bytes, nulls } = workspace;
    const width = widthOf(column);
    resetTally(tally);
    this.#levels.reset();
    for (const { segment, entry, ordinal } of entries) {
      const valuesBefore = tally.valueCount;
      const nullsBefore = tally.nullCount;
      scanColumn(column, values, segment.from, segment.to, ordinal, workspace);
      this.#checksums.update(
        entry,
        1 + 2 * index,
        bytes.subarray(valuesBefore * width, tally.valueCount * width),
      );
      if (tally.nullCount > nullsBefore) {
        const ordinals = new Uint8Array(nulls.buffer, nullsBefore * 4, (tally.nullCount - nullsBefore) * 4);
        this.#checksums.update(entry, 2 + 2 * index, ordinals);
      }
      this.#levels.add(segment.to - segment.from, nulls, nullsBefore, tally.nullCount, ordinal);
    }
    const bounds = boundsOf(column.type, tally);
    this.#totals[index]!.add(tally, bounds);
    const page = this.#values.encode(column.type, tally.valueCount);
    return this.#writeDataChunk(column.type, rowCount, tally.nullCount, this.#levels.encode(), page, bounds);
  }

  #writeDataChunk(
    type: FeatureColumn["type"],
    rowCount: number,
    nullCount: number,
    levels: Uint8Array,
    page: PageValues,
    bounds: Bounds | undefined,
  ): ChunkFacts {
    const dataOffset = this.#file.byteLength;
    const headerByteLength = this.#appendDataPage(rowCount, nullCount, levels, page);
    return {
      encodings: [page.encoding, ENCODING.rle],
      compressed: page.compressed,
      rowCount,
      nullCount,
      minBytes: bounds === undefined ? undefined : boundBytes(type, bounds.min, "min"),
      maxBytes: bounds === undefined ? undefined : boundBytes(type, bounds.max, "max"),
      isFloat: type === "float64" || type === "float32",
      dictionaryOffset: undefined,
      dataOffset,
      plainByteLength: headerByteLength + levels.length + page.plainByteLength,
      storedByteLength: this.#file.byteLength - dataOffset,
    };
  }

  /** Returns the length of the header. */
  #appendDataPage(rowCount: number, nullCount: number, levels: Uint8Array, page: PageValues): number {
    const header = dataPageHeader({
      rowCount,
      nullCount,
      encoding: page.encoding,
      levelsByteLength: levels.length,
      storedByteLength: page.pieces.reduce((sum, piece) => sum + piece.length, 0),
      plainByteLength: page.plainByteLength,
      compressed: page.compressed,
    });
    this.#file.append(header);
    this.#file.append(levels);
    for (const piece of page.pieces) this.#file.append(piece);
    return header.length;
  }
}

const NO_LEVELS = new Uint8Array(0);

/** A refusal here is a bug in the caller: every array must have one element per row. */
function requireRectangular({ units, ts, columns }: FeatureBatch, options: FeatureParquetOptions): void {
  const tsArray = options.tsType === "date32" ? Int32Array : BigInt64Array;
  if (!(ts instanceof tsArray)) {
    throw new TypeError(
      `Cannot write event times: they are of type ${ts.constructor.name}, expected ${tsArray.name} for ${options.tsType}.`,
    );
  }
  const rowCount = units.reduce((sum, unit) => sum + unit.rowCount, 0);
  const lengths = [
    ts.length,
    ...columns.flatMap(({ values, valid }) => [values.length, valid?.length ?? rowCount]),
  ];
  if (columns.length === options.columns.length && lengths.every((length) => length === rowCount)) return;
  throw new RangeError(
    `Cannot write a batch of ${rowCount} rows to ${options.path}: it has ${columns.length} columns of lengths ${lengths.slice(1).join(", ")} and ${ts.length} event times, expected ${options.columns.length} columns and ${rowCount} of each.`,
  );
}
