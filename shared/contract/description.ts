import type { ColumnType, Unit } from "./columns.ts";
import type { Limits } from "./definition.ts";
import type { Match } from "./inputs.ts";

/** The facts of a function that do not depend on parameters, as JSON. */
export interface FunctionDescription {
  readonly shape: "feature" | "table";
  readonly kind: "feature" | "label";
  readonly partition: "symbol" | "date" | "whole";
  readonly bars: "daily" | "intraday" | "any";
  readonly description: string;
  readonly source: string | null;
  /** JSON Schema (draft 2020-12) of the parameters. */
  readonly paramsSchema: Readonly<Record<string, unknown>>;
  readonly paramNames: readonly string[];
  readonly limits: Limits;
  readonly reuse: boolean;
  readonly helper: boolean;
  readonly environment: readonly string[];
}

export interface ResolvedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly unit: Unit;
}

/** An input with its columns as data. */
export type ResolvedInput = { readonly name: string; readonly columns: readonly ResolvedColumn[] } & (
  | { readonly kind: "dataset"; readonly dataset: string | null; readonly match: Match }
  | {
      readonly kind: "function";
      readonly function: string;
      readonly params: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: "broadcast";
      readonly symbol: string;
      readonly dataset: string | null;
      readonly match: "exact" | "known";
    }
  | { readonly kind: "attributes"; readonly dataset: string }
);

/** Everything about a function once its parameters are parsed, as JSON. */
export interface ResolvedFunction {
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: readonly ResolvedInput[];
  readonly outputs: readonly ResolvedColumn[];
  /** Bars before a row that its value depends on; null when the whole history may matter. */
  readonly lookBack: number | null;
  /** Doubles of saved state per symbol; 0 where the function keeps none. */
  readonly stateLength: number;
  readonly warmUp: number;
}

/** Why parameters were refused: one entry per parameter at fault. */
export interface ParamIssue {
  /** Dots lead into it: `weights.0`. Empty where all of them together are at fault. */
  readonly param: string;
  /** `expected …`, or the author's own words; no full stop. */
  readonly message: string;
  /** Null where nothing was given. */
  readonly given: unknown;
}

export type Resolution =
  | { readonly ok: true; readonly resolved: ResolvedFunction }
  | { readonly ok: false; readonly issues: readonly ParamIssue[] };
