import type { ColumnType } from "../../shared/contract/columns.ts";
import type { DatasetKind, DatasetLayout } from "../../shared/protocol/dataset-kind.ts";
import type { Clocks, EventTime } from "../../shared/time/clocks.ts";

export interface DatasetColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether any stored row has a null here; floats never hold NaN or infinities. */
  readonly nullable: boolean;
}

/** One canonical Parquet file. Rows are sorted by (`symbol`, `ts`, `known_at`) within it. */
export interface DatasetFile {
  /** Relative to the dataset's folder. */
  readonly path: string;
  readonly rowCount: number;
  readonly byteLength: number;
  readonly sha256: string;
  /** As it was when written: a file of another time or inode is hashed again before it is trusted. */
  readonly mtimeMs: number;
  readonly inode: number;
  readonly firstSymbol: string;
  readonly lastSymbol: string;
  /** Earliest and latest event time, in the unit of `ts`; null for attributes. */
  readonly firstTs: EventTime | null;
  readonly lastTs: EventTime | null;
  /** The import that wrote it. */
  readonly importId: string;
}

/**
 * The latest bars of every symbol once more, in a file of their own: in the others they lie at the end of each
 * symbol's history, and finding them there is to read everything.
 */
export interface RecentBars {
  readonly file: DatasetFile;
  /** It holds the rows of `covers` from this event time on. */
  readonly since: EventTime;
  /** Paths of the dataset's files that it was made of. */
  readonly covers: readonly string[];
}

/** Where the symbol index lies, and its size. */
export interface SymbolIndexRef {
  readonly path: string;
  readonly symbolCount: number;
}

/** A file that was imported, as it was then. */
export interface DatasetSource {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
  /** The symbol given to all its rows, where the file itself has none. */
  readonly symbol: string | null;
  readonly rowCount: number;
  readonly importId: string;
}

/**
 * Every row that ever came in: `in = kept + quarantined`, the latter by its one reason. Warnings are those of
 * the rows kept at their import.
 */
export interface ImportCounts {
  readonly in: number;
  readonly kept: number;
  readonly quarantined: Readonly<Record<string, number>>;
  /** Kept all the same; one row may have several. */
  readonly warnings: Readonly<Record<string, number>>;
}

/** `dataset.json`: everything known about a dataset. Its replacement commits an import. */
export interface DatasetRecord {
  readonly formatVersion: 1;
  readonly name: string;
  readonly kind: DatasetKind;
  /** In file order: `symbol`, `ts`, `known_at` where there is one, then the values. */
  readonly columns: readonly DatasetColumn[];
  readonly key: "symbol";
  readonly eventTime: "ts" | null;
  /** `known_at` makes the dataset bitemporal: several rows per (`symbol`, `ts`), each known from its own time on. */
  readonly knownTime: "known_at" | null;
  /** Null for attributes. */
  readonly clocks: Clocks | null;
  readonly layout: DatasetLayout;
  readonly files: readonly DatasetFile[];
  /** Of a large dataset that rows were added to; null or absent when there is none. */
  readonly recent?: RecentBars | null;
  readonly index: SymbolIndexRef;
  readonly rowCount: number;
  readonly firstTs: EventTime | null;
  readonly lastTs: EventTime | null;
  /** The moment (microseconds, UTC) from which on every row is known: what `asOf` means when it is left out. */
  readonly latestKnownTime: number | null;
  readonly sources: readonly DatasetSource[];
  readonly counts: ImportCounts;
  /** Changes exactly when the stored rows, columns or clocks do: the dataset's version. */
  readonly fingerprint: string;
  readonly importedAt: string;
  /** The rules rows were checked by; later imports go by the same. */
  readonly rules: { readonly allowNonPositivePrices: boolean; readonly strict: boolean };
  /** How the last files were read, for later imports that do not say. */
  readonly defaults: ImportDefaults;
}

/** What an import was told about its files. */
export interface ImportDefaults {
  readonly timezone?: string;
  readonly mapping?: Readonly<Record<string, string>>;
  readonly ignore?: readonly string[];
  readonly columns?: readonly string[];
  readonly separator?: string;
  readonly symbolPattern?: string;
  readonly knownAt?: string;
  readonly timeFormat?: string;
  readonly priceScale?: number;
}

/** Symbols of a dataset in code-point order; arrays run in parallel. */
export interface SymbolIndex {
  readonly formatVersion: 1;
  readonly symbols: readonly string[];
  /** Stored rows of each symbol, every observation counted. */
  readonly rowCounts: readonly number[];
  /** In the unit of `ts`; empty for attributes. */
  readonly firstTs: readonly EventTime[];
  readonly lastTs: readonly EventTime[];
  /**
   * First row of each symbol over all files one after the other, of an `ordered` dataset; else null. Symbol `i`
   * holds rows `firstRows[i]` to `firstRows[i] + rowCounts[i]`.
   */
  readonly firstRows: readonly number[] | null;
}

/** Every Parquet file of rows that a record names. */
export function storedFiles({
  files,
  recent,
}: Pick<DatasetRecord, "files" | "recent">): readonly DatasetFile[] {
  return recent == null ? files : [...files, recent.file];
}
