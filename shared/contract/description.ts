import type { ColumnType, Unit } from "./columns.ts";
import type { Limits } from "./definition.ts";
import type { Match } from "./inputs.ts";

/** The facts about a function that do not depend on its parameters, as JSON. */
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

/** Everything known about a function once its parameters are parsed, as JSON. */
export interface ResolvedFunction {
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: readonly ResolvedInput[];
  readonly outputs: readonly ResolvedColumn[];
  /** Number of bars before a row that its value depends on; null when the whole history may matter. */
  readonly lookBack: number | null;
  /** Doubles of saved state per symbol; 0 if the function keeps none. */
  readonly stateLength: number;
  readonly warmUp: number;
}

/** Why a parameter was refused. */
export interface ParamIssue {
  /**
   * Path of the parameter, with dots for nested values: `weights.0`. Empty when the combination of parameters is at
   * fault.
   */
  readonly param: string;
  /** `expected …`, or the author's own message; without a full stop. */
  readonly message: string;
  /** Null when no value was given. */
  readonly given: unknown;
}

export type Resolution =
  | { readonly ok: true; readonly resolved: ResolvedFunction }
  | { readonly ok: false; readonly issues: readonly ParamIssue[] };
