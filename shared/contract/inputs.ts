import type { Columns, ViewsOf } from "./columns.ts";

/**
 * How rows of another dataset are matched to the unit's rows, symbol by symbol:
 * - `exact`: the row with the same event time;
 * - `known`: the latest row that was known when this bar was known (daily values on minute bars);
 * - `following`: the first row whose event time is not before this bar's (a factor file, where a row holds
 *   for all bars up to its date).
 * All three see only rows known at the invocation's `asOf`. Rows matched by `following` are dated by the end of what
 * they hold for, so that their time says nothing about when they were known: of them only rows with a `known_at` of
 * their own are left out.
 */
export type Match = "exact" | "known" | "following";

/** Columns of a dataset: the invocation's own one when `dataset` is left out. */
export interface DatasetInput<C extends Columns = Columns> {
  readonly kind: "dataset";
  readonly dataset?: string;
  readonly match?: Match;
  readonly columns: C;
}

/** Columns of another function's result, computed first and handed over without going through Parquet. */
export interface FunctionInput<C extends Columns = Columns> {
  readonly kind: "function";
  readonly function: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly columns: C;
}

/** One symbol's series, matched to every unit's rows by time: an index, a rate. */
export interface BroadcastInput<C extends Columns = Columns> {
  readonly kind: "broadcast";
  readonly symbol: string;
  readonly dataset?: string;
  readonly match: "exact" | "known";
  readonly columns: C;
}

/** Facts that belong to a symbol and not to a time, repeated on each of its rows: a sector, a tick size. */
export interface AttributesInput<C extends Columns = Columns> {
  readonly kind: "attributes";
  readonly dataset: string;
  readonly columns: C;
}

export type Input = DatasetInput | FunctionInput | BroadcastInput | AttributesInput;

/** A bare record of columns is short for `{ kind: "dataset", columns }` on the invocation's dataset. */
export type Inputs = Readonly<Record<string, Columns | Input>>;

type ColumnsOfInput<I> = I extends { readonly kind: string; readonly columns: infer C extends Columns }
  ? C
  : I extends Columns
    ? I
    : never;

/** What a handler sees of its inputs. Every input, whatever its kind, has one element per row of the unit. */
export type InputViews<I extends Inputs> = { readonly [Name in keyof I]: ViewsOf<ColumnsOfInput<I[Name]>> };

/** Another dataset's columns, matched to the unit's rows; `match` defaults to `exact`. */
export function fromDataset<const C extends Columns>(
  dataset: string,
  options: { readonly columns: C; readonly match?: Match },
): DatasetInput<C> {
  return { kind: "dataset", dataset, match: options.match ?? "exact", columns: options.columns };
}

/** Another function's outputs, by name; the columns are declared again and checked when the graph loads. */
export function fromFunction<const C extends Columns>(
  name: string,
  options: { readonly columns: C; readonly params?: Readonly<Record<string, unknown>> },
): FunctionInput<C> {
  return { kind: "function", function: name, params: options.params ?? {}, columns: options.columns };
}

/** One symbol's columns on every unit's rows; `match` defaults to `exact`. */
export function broadcast<const C extends Columns>(
  symbol: string,
  options: { readonly columns: C; readonly dataset?: string; readonly match?: "exact" | "known" },
): BroadcastInput<C> {
  const { columns, dataset, match = "exact" } = options;
  return { kind: "broadcast", symbol, match, columns, ...(dataset === undefined ? {} : { dataset }) };
}

/** Static facts per symbol from a dataset of kind `attributes`. */
export function attributes<const C extends Columns>(dataset: string, columns: C): AttributesInput<C> {
  return { kind: "attributes", dataset, columns };
}

/** The long form of an input, whichever form the author wrote. */
export function normaliseInput(input: Columns | Input): Input {
  return isInput(input) ? input : { kind: "dataset", columns: input };
}

function isInput(input: Columns | Input): input is Input {
  return typeof input["kind"] === "string";
}
