import type { ColumnType } from "../../shared/contract/columns.ts";
import type { DatasetKind } from "../../shared/protocol/dataset-kind.ts";
import type { SourceColumn } from "./describe-source.ts";
import type { ColumnMap } from "./map-columns.ts";
import type { CsvDialect } from "./sniff-csv.ts";
import type { SourceFile } from "./source-files.ts";
import type { TimeFormat } from "./time-format.ts";

/** A value column of the dataset. */
export interface PlannedValue {
  readonly name: string;
  readonly type: ColumnType;
}

/** The source columns of a time, and its format. */
export interface PlannedTime {
  readonly sources: readonly string[];
  readonly format: TimeFormat;
  /** Whether the source columns are read as text. */
  readonly asText: boolean;
}

/** Consecutive files with the same columns, read by one scan. */
export interface SourceGroup {
  readonly files: readonly SourceFile[];
  /** Position of the first of them among all files of the import. */
  readonly firstFile: number;
  readonly columns: readonly SourceColumn[];
  readonly dialect: CsvDialect | null;
  readonly map: ColumnMap;
  /** The symbol of each file, if no column holds it. */
  readonly symbols: readonly string[] | null;
  readonly time: PlannedTime | null;
  readonly known: PlannedTime | null;
}

/** Everything that is decided before all rows are read. */
export interface ImportPlan {
  readonly kind: DatasetKind;
  /** Whether `ts` is a date. */
  readonly daily: boolean;
  readonly bitemporal: boolean;
  readonly values: readonly PlannedValue[];
  readonly groups: readonly SourceGroup[];
  readonly priceScale: number | null;
  /** Zone of times written without one; null if there are no such times. */
  readonly sourceTimezone: string | null;
}

/** Columns that hold a price of the bar itself. */
export const PRICES: readonly string[] = ["open", "high", "low", "close"];

/** Columns to which a price scale applies: all that are an amount of currency per share. */
export const SCALED: readonly string[] = [...PRICES, "vwap", "adj_close"];
