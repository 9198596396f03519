import { z } from "zod";
import type { Columns } from "./columns.ts";
import type { FeatureDefinition, ParamsSchema, Resolvable, TableDefinition } from "./definition.ts";
import type { FunctionDescription, Resolution, ResolvedColumn, ResolvedInput } from "./description.ts";
import { type Input, type Inputs, normaliseInput } from "./inputs.ts";
import { toJsonParams } from "./json-params.ts";
import { parseParams } from "./param-issue.ts";

/** A function module's default export, with any type parameters. */
export interface AnyDefined {
  readonly shape: "feature" | "table";
  readonly params: ParamsSchema;
  readonly definition: AnyDefinition;
}

type Shared = Pick<
  FeatureDefinition,
  | "description"
  | "inputs"
  | "outputs"
  | "bars"
  | "limits"
  | "reuse"
  | "helper"
  | "environment"
  | "source"
  | "kind"
>;
export interface AnyDefinition extends Shared {
  readonly partition?: NonNullable<FeatureDefinition["partition"] | TableDefinition["partition"]>;
  readonly memory?: FeatureDefinition["memory"];
  readonly warmUp?: FeatureDefinition["warmUp"];
}

/** The static facts about a function, for the catalogue. */
export function describeFunction(defined: AnyDefined): FunctionDescription {
  const { definition, params } = defined;
  return {
    shape: defined.shape,
    kind: definition.kind ?? "feature",
    partition: definition.partition ?? "symbol",
    bars: definition.bars ?? "any",
    description: definition.description,
    source: definition.source ?? null,
    paramsSchema: { ...z.toJSONSchema(params, { io: "input", unrepresentable: "any" }) },
    paramNames: Object.keys(params.shape),
    limits: definition.limits ?? {},
    reuse: definition.reuse ?? false,
    helper: definition.helper ?? false,
    environment: definition.environment ?? [],
  };
}

/** Parses the parameters and evaluates everything that may depend on them. */
export function resolveFunction(defined: AnyDefined, given: Readonly<Record<string, unknown>>): Resolution {
  const parsed = parseParams(defined.params, given);
  if ("issues" in parsed) return { ok: false, issues: parsed.issues };
  const { params } = parsed;
  const { definition } = defined;
  const inputs = valueOf<Inputs>(definition.inputs, params);
  const outputs = valueOf<Columns>(definition.outputs, params);
  const { lookBack, stateLength } = definition.memory ?? {};
  return {
    ok: true,
    resolved: {
      params: toJsonParams(params),
      inputs: Object.entries(inputs).map(([name, input]) => toResolvedInput(name, normaliseInput(input))),
      outputs: toResolvedColumns(outputs),
      lookBack: lookBack === undefined ? null : valueOf(lookBack, params),
      stateLength: stateLength === undefined ? 0 : valueOf(stateLength, params),
      warmUp: definition.warmUp === undefined ? 0 : valueOf(definition.warmUp, params),
    },
  };
}

function valueOf<T>(value: Resolvable<ParamsSchema, T>, params: Record<string, unknown>): T {
  return isFunctionOfParams(value) ? value(params) : value;
}

function isFunctionOfParams<T>(
  value: Resolvable<ParamsSchema, T>,
): value is (params: Record<string, unknown>) => T {
  return typeof value === "function";
}

function toResolvedColumns(columns: Columns): ResolvedColumn[] {
  return Object.entries(columns).map(([name, { type, nullable, unit }]) => ({ name, type, nullable, unit }));
}

function toResolvedInput(name: string, input: Input): ResolvedInput {
  const columns = toResolvedColumns(input.columns);
  switch (input.kind) {
    case "dataset":
      return {
        name,
        kind: "dataset",
        dataset: input.dataset ?? null,
        match: input.match ?? "exact",
        columns,
      };
    case "function":
      return { name, kind: "function", function: input.function, params: input.params, columns };
    case "broadcast":
      return {
        name,
        kind: "broadcast",
        symbol: input.symbol,
        dataset: input.dataset ?? null,
        match: input.match,
        columns,
      };
    case "attributes":
      return { name, kind: "attributes", dataset: input.dataset, columns };
  }
}
