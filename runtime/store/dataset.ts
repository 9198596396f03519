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
  /** As of writing. A file whose time or inode has changed is hashed again before it is trusted. */
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
 * A copy of the latest bars of every symbol, in one file: elsewhere they are at the end of each symbol's history, and
 * reading them there means reading everything.
 */
export interface RecentBars {
  readonly file: DatasetFile;
  /** The file holds the rows of `covers` from this event time on. */
  readonly since: EventTime;
  /** Paths of the dataset's files that it was made from. */
  readonly covers: readonly string[];
}

/** The file of the symbol index. */
export interface SymbolIndexRef {
  readonly path: string;
  readonly symbolCount: number;
}

/** An imported file, as of its import. */
export interface DatasetSource {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
  /** The symbol of all its rows, if the file itself names none. */
  readonly symbol: string | null;
  readonly rowCount: number;
  readonly importId: string;
}

/**
 * Counts of all rows ever imported: `in = kept + quarantined`, the latter by reason. Warnings are those of the kept
 * rows, as of their import.
 */
export interface ImportCounts {
  readonly in: number;
  readonly kept: number;
  readonly quarantined: Readonly<Record<string, number>>;
  /** Rows kept with a warning; one row may have several. */
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
  /** Only large datasets that rows were added to have one; otherwise null or absent. */
  readonly recent?: RecentBars | null;
  readonly index: SymbolIndexRef;
  readonly rowCount: number;
  readonly firstTs: EventTime | null;
  readonly lastTs: EventTime | null;
  /** The time (microseconds, UTC) by which every row is known; the default of `asOf`. */
  readonly latestKnownTime: number | null;
  readonly sources: readonly DatasetSource[];
  readonly counts: ImportCounts;
  /** Changes exactly when the stored rows, columns or clocks do: the dataset's version. */
  readonly fingerprint: string;
  readonly importedAt: string;
  /** The rules that rows are checked by; later imports use the same. */
  readonly rules: { readonly allowNonPositivePrices: boolean; readonly strict: boolean };
  /** How the last files were read; the default for later imports. */
  readonly defaults: ImportDefaults;
}

/** The options that an import was given for its files. */
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

/** Symbols of a dataset in code-point order; the arrays are parallel. */
export interface SymbolIndex {
  readonly formatVersion: 1;
  readonly symbols: readonly string[];
  /** The stored rows of each symbol, counting every observation. */
  readonly rowCounts: readonly number[];
  /** In the unit of `ts`; empty for attributes. */
  readonly firstTs: readonly EventTime[];
  readonly lastTs: readonly EventTime[];
  /**
   * The first row of each symbol in the concatenation of all files; null unless the dataset is `ordered`. Symbol `i`
   * has rows `firstRows[i]` to `firstRows[i] + rowCounts[i]`.
   */
  readonly firstRows: readonly number[] | null;
}

/** All Parquet files of rows that a record names. */
export function storedFiles({
  files,
  recent,
}: Pick<DatasetRecord, "files" | "recent">): readonly DatasetFile[] {
  return recent == null ? files : [...files, recent.file];
}
