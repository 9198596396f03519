import type { Columns, ViewsOf } from "./columns.ts";

/**
 * How rows of another dataset are matched to the unit's rows, symbol by symbol:
 * - `exact`: the row with the same event time;
 * - `known`: the latest row that was known when this bar became known (daily values on minute bars);
 * - `following`: the first row whose event time is not before this bar's (a factor file whose rows each apply to all
 *   bars up to their date).
 *
 * All three see only rows known at the invocation's `asOf`. A row matched by `following` is dated by the end of the
 * period it applies to, which says nothing about when it became known; such rows are left out only if their own
 * `known_at` is after `asOf`.
 */
export type Match = "exact" | "known" | "following";

/** Columns of a dataset: the dataset of the invocation when `dataset` is left out. */
export interface DatasetInput<C extends Columns = Columns> {
  readonly kind: "dataset";
  readonly dataset?: string;
  readonly match?: Match;
  readonly columns: C;
}

/** Columns of another function's result, which is computed first and handed over without going through Parquet. */
export interface FunctionInput<C extends Columns = Columns> {
  readonly kind: "function";
  readonly function: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly columns: C;
}

/** The series of one symbol, matched by time to the rows of every unit: an index, an interest rate. */
export interface BroadcastInput<C extends Columns = Columns> {
  readonly kind: "broadcast";
  readonly symbol: string;
  readonly dataset?: string;
  readonly match: "exact" | "known";
  readonly columns: C;
}

/** Values that belong to a symbol rather than to a time, repeated on each of its rows: a sector, a tick size. */
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

/** What a handler receives for its inputs. Every input, whatever its kind, has one element per row of the unit. */
export type InputViews<I extends Inputs> = { readonly [Name in keyof I]: ViewsOf<ColumnsOfInput<I[Name]>> };

/**
 * Reads columns of another dataset, matched to the unit's rows; `match` defaults to `exact`.
 *
 * ```ts
 * inputs: { bars: { close: float64 }, daily: fromDataset("us-daily", { columns: { close: float64 }, match: "known" }) }
 * ```
 */
export function fromDataset<const C extends Columns>(
  dataset: string,
  options: { readonly columns: C; readonly match?: Match },
): DatasetInput<C> {
  return { kind: "dataset", dataset, match: options.match ?? "exact", columns: options.columns };
}

/**
 * Reads the outputs of another function, by its name. Their types are declared again here and checked when the graph
 * loads.
 *
 * ```ts
 * inputs: { from: fromFunction("rsi-macd", { columns: { rsi: float64 }, params: { period: 7 } }) }
 * ```
 */
export function fromFunction<const C extends Columns>(
  name: string,
  options: { readonly columns: C; readonly params?: Readonly<Record<string, unknown>> },
): FunctionInput<C> {
  return { kind: "function", function: name, params: options.params ?? {}, columns: options.columns };
}

/**
 * Reads the columns of one symbol onto the rows of every unit; `match` defaults to `exact`.
 *
 * ```ts
 * inputs: { bars: { close: float64 }, index: broadcast("SPY", { columns: { close: float64 } }) }
 * ```
 */
export function broadcast<const C extends Columns>(
  symbol: string,
  options: { readonly columns: C; readonly dataset?: string; readonly match?: "exact" | "known" },
): BroadcastInput<C> {
  const { columns, dataset, match = "exact" } = options;
  return { kind: "broadcast", symbol, match, columns, ...(dataset === undefined ? {} : { dataset }) };
}

/**
 * Reads static values per symbol from a dataset of kind `attributes`.
 *
 * ```ts
 * inputs: { bars: { close: float64 }, company: attributes("sectors", { sector: utf8 }) }
 * ```
 */
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
