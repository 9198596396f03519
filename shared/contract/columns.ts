/**
 * The type of a column that a function reads or writes. The names are Arrow's, shortened: `date32` counts days since
 * 1970-01-01, `timestamp` counts microseconds since 1970-01-01T00:00Z.
 */
export type ColumnType = "float64" | "float32" | "int32" | "int64" | "bool" | "utf8" | "date32" | "timestamp";

/**
 * What an output measures. `quiver check` uses it to choose how outputs are compared, and readers to choose how to
 * treat the column.
 */
export type Unit = "price" | "volume" | "ratio" | "count" | "flag" | "none";

/** A declared column: its type, whether it may hold nulls, and (for outputs) what it measures. */
export interface Column<T extends ColumnType = ColumnType, N extends boolean = boolean> {
  readonly type: T;
  readonly nullable: N;
  readonly unit: Unit;
  /** The same column with another unit: `float32.as("price")`. */
  as(unit: Unit): Column<T, N>;
  /** The same column with nulls allowed. An input declared so arrives as {@link Nullable}. */
  orNull(): Column<T, true>;
}

export type Columns = Readonly<Record<string, Column>>;

function column<T extends ColumnType, N extends boolean>(type: T, nullable: N, unit: Unit): Column<T, N> {
  return Object.freeze({
    type,
    nullable,
    unit,
    as: (other: Unit) => column(type, nullable, other),
    orNull: () => column(type, true, unit),
  });
}

/** 64-bit float. A null arrives as NaN; a NaN written to an output is stored as null. */
export const float64 = column("float64", false, "none");
/** 32-bit float, with nulls as in {@link float64}. */
export const float32 = column("float32", false, "none");
/** 32-bit signed integer. */
export const int32 = column("int32", false, "none");
/** 64-bit signed integer, read and written as bigint. */
export const int64 = column("int64", false, "none");
/** Boolean: one byte per row, 0 or 1. */
export const bool = column("bool", false, "flag");
/** Text. Inputs arrive as codes into a list of labels (see {@link Categories}). */
export const utf8 = column("utf8", false, "none");
/** Date, as days since 1970-01-01. */
export const date32 = column("date32", false, "none");
/** Instant, as microseconds since 1970-01-01T00:00Z, read and written as bigint. */
export const timestamp = column("timestamp", false, "none");

/** A float64 output in the currency of the bars. Its values scale with adjusted prices. */
export const price = float64.as("price");
/** A float64 output in shares or in money traded. */
export const volume = float64.as("volume");
/** A float64 output without a unit. It must not change when all prices are multiplied by a constant. */
export const ratio = float64.as("ratio");
/** A float64 output that counts something. */
export const count = float64.as("count");

/** Text as codes: the label of row `i` is `labels[codes[i]]`; a null row has the code -1. */
export interface Categories {
  readonly codes: Int32Array;
  readonly labels: readonly string[];
}

/** A column whose nulls cannot be NaN: `values[i]` has a meaning only where `valid[i]` is 1. */
export interface Nullable<V> {
  readonly values: V;
  readonly valid: Uint8Array;
}

/** The array that holds a column of this type, with one element per row. */
export type ArrayOf<T extends ColumnType> = T extends "float64"
  ? Float64Array
  : T extends "float32"
    ? Float32Array
    : T extends "int32" | "date32"
      ? Int32Array
      : T extends "int64" | "timestamp"
        ? BigInt64Array
        : T extends "bool"
          ? Uint8Array
          : Categories;

/** What a handler receives for an input column. */
export type ViewOf<C extends Column> =
  C extends Column<infer T, infer N>
    ? T extends "float64" | "float32" | "utf8"
      ? ArrayOf<T>
      : N extends true
        ? Nullable<ArrayOf<T>>
        : ArrayOf<T>
    : never;

/**
 * What a handler writes an output column into. Floats start as NaN (null); other types come with `valid`, which starts
 * as all 0 (null).
 */
export type OutputOf<C extends Column> =
  C extends Column<infer T, boolean>
    ? T extends "float64" | "float32"
      ? ArrayOf<T>
      : T extends "utf8"
        ? (string | null)[]
        : { readonly values: ArrayOf<T>; readonly valid: Uint8Array }
    : never;

export type ViewsOf<C extends Columns> = { readonly [Name in keyof C]: ViewOf<C[Name]> };
export type OutputsOf<C extends Columns> = { readonly [Name in keyof C]: OutputOf<C[Name]> };
