/**
 * Column types an author can ask for or give back. The names are Arrow's, shortened:
 * `date32` is days since 1970-01-01, `timestamp` is microseconds since 1970-01-01T00:00Z.
 */
export type ColumnType = "float64" | "float32" | "int32" | "int64" | "bool" | "utf8" | "date32" | "timestamp";

/** What an output measures; decides how `check` compares it and how a reader should treat it. */
export type Unit = "price" | "volume" | "ratio" | "count" | "flag" | "none";

/** A declared column: its type, whether nulls are admitted, and (for outputs) what it measures. */
export interface Column<T extends ColumnType = ColumnType, N extends boolean = boolean> {
  readonly type: T;
  readonly nullable: N;
  readonly unit: Unit;
  /** The same column, measuring something else: `float32.as("price")`. */
  as(unit: Unit): Column<T, N>;
  /** The same column with nulls admitted: an input then arrives as {@link Nullable}. */
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

/** 64-bit float. Null floats arrive as NaN; NaN written to an output becomes null. */
export const float64 = column("float64", false, "none");
/** 32-bit float; nulls as for {@link float64}. */
export const float32 = column("float32", false, "none");
/** 32-bit signed integer. */
export const int32 = column("int32", false, "none");
/** 64-bit signed integer, as bigint. */
export const int64 = column("int64", false, "none");
/** One byte a row, 0 or 1. */
export const bool = column("bool", false, "flag");
/** Text, arriving as codes into a list of labels (see {@link Categories}). */
export const utf8 = column("utf8", false, "none");
/** Days since 1970-01-01. */
export const date32 = column("date32", false, "none");
/** Microseconds since 1970-01-01T00:00Z, as bigint. */
export const timestamp = column("timestamp", false, "none");

/** A float64 output in the currency of the bars; changes when prices are adjusted anew. */
export const price = float64.as("price");
/** A float64 output in shares or money traded. */
export const volume = float64.as("volume");
/** A float64 output without a unit; must not change when prices are adjusted by a constant factor. */
export const ratio = float64.as("ratio");
/** A float64 output that counts something. */
export const count = float64.as("count");

/** Text as codes: the label of row `i` is `labels[codes[i]]`; a null row has code -1. */
export interface Categories {
  readonly codes: Int32Array;
  readonly labels: readonly string[];
}

/** A column with nulls that are not NaN: `values[i]` is meaningful where `valid[i]` is 1. */
export interface Nullable<V> {
  readonly values: V;
  readonly valid: Uint8Array;
}

/** The array that holds a column of a type, one element a row. */
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

/** What a handler sees of an input column. */
export type ViewOf<C extends Column> =
  C extends Column<infer T, infer N>
    ? T extends "float64" | "float32" | "utf8"
      ? ArrayOf<T>
      : N extends true
        ? Nullable<ArrayOf<T>>
        : ArrayOf<T>
    : never;

/** What a handler writes an output column into: floats start as NaN (null), others come with `valid`, all 0. */
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
