import { z } from "zod";
import type { Columns } from "./columns.ts";
import type { FeatureDefinition, ParamsSchema, TableDefinition } from "./definition.ts";
import type { Inputs } from "./inputs.ts";

/** The schema of a function without parameters. */
type NoParams = z.ZodObject<Record<never, never>>;

/** A definition with its kind written on it: what a function module exports by default. */
export interface DefinedFeature<I extends Inputs, P extends ParamsSchema, O extends Columns> {
  readonly shape: "feature";
  readonly params: ParamsSchema;
  readonly definition: FeatureDefinition<I, P, O>;
}

export interface DefinedTable<I extends Inputs, P extends ParamsSchema, O extends Columns> {
  readonly shape: "table";
  readonly params: ParamsSchema;
  readonly definition: TableDefinition<I, P, O>;
}

/**
 * Defines a row-aligned feature group. Types of the handler's inputs, outputs and parameters follow from
 * what is declared; write `params` before whatever depends on it.
 */
export function defineFeature<
  const I extends Inputs,
  const O extends Columns,
  P extends ParamsSchema = NoParams,
>(definition: FeatureDefinition<I, P, O>): DefinedFeature<I, P, O> {
  return { shape: "feature", params: definition.params ?? z.object({}), definition };
}

/** Defines a table function: columns of a unit in, a table of the declared columns out. */
export function defineTable<
  const I extends Inputs,
  const O extends Columns,
  P extends ParamsSchema = NoParams,
>(definition: TableDefinition<I, P, O>): DefinedTable<I, P, O> {
  return { shape: "table", params: definition.params ?? z.object({}), definition };
}
