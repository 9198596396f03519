import type { ResolvedColumn, ResolvedFunction, ResolvedInput } from "../../shared/contract/describe.ts";
import { didYouMean, errorCodeOf, QuiverError } from "../../shared/errors/index.ts";
import type { Catalog, CatalogEntry, Listing } from "../catalog/catalog.ts";
import { canonicalJson } from "../../shared/canonical-json.ts";
import { refuseLabel } from "../plan/refuse-label.ts";
import { refuseMissingOutput } from "../plan/upstream-output.ts";
import type { FunctionGraph, GraphInput, GraphNode, GraphProblem } from "./graph.ts";
import { orderNodes } from "./order-nodes.ts";

type FunctionInput = Extract<ResolvedInput, { kind: "function" }>;
type Params = Readonly<Record<string, unknown>>;

/** What a function with parameters resolves to, or why it does not resolve. */
interface Resolution {
  readonly id: string;
  readonly resolved: ResolvedFunction | undefined;
  readonly problem: GraphProblem | null;
}

/**
 * Builds the graph of all functions: each with its default parameters, and the functions it reads with the
 * parameters it passes. Checks the columns a function redeclares against what the other function gives.
 */
export async function buildGraph(
  { functions, broken }: Listing,
  resolve: Catalog["resolve"],
): Promise<FunctionGraph> {
  const entries = new Map(functions.map((entry) => [entry.name, entry]));
  const broke = new Map(broken.map((entry) => [entry.name, entry]));
  const nodes = new Map<string, GraphNode>();

  async function resolutionOf(entry: CatalogEntry, params: Params): Promise<Resolution> {
    const { name } = entry;
    const defaults = await outcomeOf(resolve(entry, {}));
    const outcome = isEmpty(params) ? defaults : await outcomeOf(resolve(entry, params));
    if ("problem" in outcome) {
      // A function that cannot run at all is one node, whatever its parameters.
      const id = "problem" in defaults && !isOfParams(outcome.problem) ? name : nodeId(name, params);
      return { id, resolved: undefined, problem: outcome.problem };
    }
    const base = "problem" in defaults ? undefined : defaults.params;
    return { id: nodeId(name, differing(outcome.params, base)), resolved: outcome, problem: null };
  }

  /** Adds a node and everything it reads; returns its resolution. */
  async function visit(entry: CatalogEntry, params: Params): Promise<Resolution> {
    const resolution = await resolutionOf(entry, params);
    const { id, resolved, problem } = resolution;
    if (nodes.has(id)) return resolution;
    // Added before its inputs are visited; otherwise a cycle would never end.
    nodes.set(id, nodeOf(id, entry, params, resolved?.outputs, [], problem));
    if (resolved === undefined) return resolution;
    const inputs: GraphInput[] = [];
    const problems: (GraphProblem | null)[] = [];
    for (const input of resolved.inputs) {
      if (input.kind !== "function") inputs.push(datasetInput(input));
      else {
        const bound = await bind(entry, input);
        inputs.push({ input: input.name, from: "function", node: bound.node });
        problems.push(bound.problem);
      }
    }
    const own = problems.find((one) => one !== null) ?? null;
    nodes.set(id, nodeOf(id, entry, params, resolved.outputs, inputs, own));
    return resolution;
  }

  /** The node that an input stands for, and the problem of binding it, if there is one for every dataset. */
  async function bind(
    reader: CatalogEntry,
    input: FunctionInput,
  ): Promise<{ readonly node: string; readonly problem: GraphProblem | null }> {
    const { function: name, params } = input;
    const entry = entries.get(name);
    if (entry === undefined) {
      return {
        node: name,
        problem: broke.has(name) ? null : noSuchFunction(reader, input, [...entries.keys()]),
      };
    }
    const upstream = await resolutionOf(entry, params);
    if (upstream.resolved === undefined && isOfParams(upstream.problem)) {
      const message = `${bindingText(reader, input)}: ${upstream.problem?.message}`;
      return { node: upstream.id, problem: own(upstream.problem?.code ?? "parameter-invalid", message) };
    }
    await visit(entry, params);
    const { resolved } = upstream;
    return {
      node: upstream.id,
      problem: resolved === undefined ? null : misfit(reader, input, entry, resolved.outputs),
    };
  }

  for (const entry of functions) await visit(entry, {});
  for (const { name, error } of broken) nodes.set(name, unusable(name, own(error.code, error.message)));
  return { nodes: orderNodes([...nodes.values()]) };
}

function nodeId(name: string, params: Params): string {
  return isEmpty(params) ? name : `${name}${JSON.stringify(params)}`;
}

function isEmpty(params: Params): boolean {
  return Object.keys(params).length === 0;
}

/** The parameters that differ from their defaults. */
function differing(params: Params, defaults: Params | undefined): Params {
  return Object.fromEntries(
    Object.entries(params).filter(
      ([name, value]) => canonicalJson(value) !== canonicalJson(defaults?.[name]),
    ),
  );
}

function nodeOf(
  id: string,
  { name, description }: CatalogEntry,
  params: Params,
  outputs: readonly ResolvedColumn[] | undefined,
  inputs: readonly GraphInput[],
  problem: GraphProblem | null,
): GraphNode {
  const { shape, kind, partition, helper } = description;
  const publishable =
    outputs !== undefined && (shape === "feature" || outputs.some(({ name }) => name === "ts"));
  return { id, function: name, params, shape, kind, partition, publishable, helper, inputs, problem };
}

function unusable(name: string, problem: GraphProblem): GraphNode {
  const facts = {
    shape: "feature",
    kind: "feature",
    partition: "symbol",
    publishable: false,
    helper: false,
  } as const;
  return { id: name, function: name, params: {}, ...facts, inputs: [], problem };
}

function datasetInput(input: Exclude<ResolvedInput, { kind: "function" }>): GraphInput {
  return {
    input: input.name,
    from: "dataset",
    dataset: input.dataset,
    as: input.kind === "dataset" ? "rows" : input.kind,
    symbol: input.kind === "broadcast" ? input.symbol : null,
  };
}

function misfit(
  reader: CatalogEntry,
  input: FunctionInput,
  upstream: CatalogEntry,
  outputs: readonly ResolvedColumn[],
): GraphProblem | null {
  try {
    refuseLabel(reader, input.name, upstream);
    for (const column of input.columns) {
      refuseMissingOutput(reader.name, input.name, column, { name: upstream.name, outputs });
    }
    return null;
  } catch (error) {
    return problemOf(error);
  }
}

function noSuchFunction(reader: CatalogEntry, input: FunctionInput, known: readonly string[]): GraphProblem {
  const there = known.filter((name) => name !== reader.name);
  const message = `${bindingText(reader, input)}: there is no such function.${didYouMean(input.function, there)}`;
  return own("unknown-function", message);
}

function bindingText(reader: CatalogEntry, input: FunctionInput): string {
  return (
    `Cannot bind the input ${JSON.stringify(input.name)} of ${JSON.stringify(reader.name)} to the function ` +
    JSON.stringify(input.function)
  );
}

/** Whether the parameters are at fault rather than the function. */
function isOfParams(problem: GraphProblem | null): boolean {
  return problem?.code === "parameter-invalid" || problem?.code === "unknown-parameter";
}

async function outcomeOf(
  resolution: Promise<ResolvedFunction>,
): Promise<ResolvedFunction | { readonly problem: GraphProblem }> {
  try {
    return await resolution;
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function problemOf(error: unknown): GraphProblem {
  const message = error instanceof QuiverError ? error.message : String(error);
  return own(errorCodeOf(error) ?? "internal-error", message);
}

function own(code: GraphProblem["code"], message: string): GraphProblem {
  return { code, message, upstream: null };
}
