import type { ResolvedColumn, ResolvedFunction, ResolvedInput } from "../../shared/contract/describe.ts";
import type { Catalog, CatalogEntry } from "../catalog/catalog.ts";
import { canonicalJson } from "../plan/fingerprint.ts";
import { refuseMissingOutput } from "../plan/upstream-output.ts";
import type { FunctionGraph, GraphInput, GraphNode } from "./graph.ts";
import { orderNodes } from "./order-nodes.ts";

/**
 * Builds the graph of every function there is: each with its default parameters, and what they read with the
 * parameters they name. Columns that a function redeclares of another are checked against what that one gives.
 */
export async function buildGraph(catalog: Catalog): Promise<FunctionGraph> {
  const { functions, broken } = await catalog.list();
  const nodes = new Map<string, GraphNode>();
  const outputs = new Map<string, readonly ResolvedColumn[]>();

  async function visit(name: string, params: Readonly<Record<string, unknown>>): Promise<string> {
    const entry = functions.find((candidate) => candidate.name === name);
    if (entry === undefined) {
      const why = broken.find((candidate) => candidate.name === name)?.error.message;
      nodes.set(name, unusable(name, why ?? `There is no function ${JSON.stringify(name)}.`));
      return name;
    }
    const resolved = await catalog.resolve(entry, params).catch(messageOf);
    const defaults =
      typeof resolved === "string" ? resolved : await catalog.resolve(entry, {}).catch(messageOf);
    if (typeof resolved === "string" || typeof defaults === "string") {
      const id = nodeId(name, params);
      nodes.set(id, unusable(id, typeof defaults === "string" ? defaults : "", name, params));
      return id;
    }
    const id = nodeId(name, differing(resolved.params, defaults.params));
    if (nodes.has(id)) return id;
    // Here before its inputs are looked at, or a cycle would be followed for ever.
    nodes.set(id, nodeOf(id, entry, params, resolved, []));
    outputs.set(id, resolved.outputs);
    const inputs: GraphInput[] = [];
    const problems: string[] = [];
    for (const input of resolved.inputs) {
      if (input.kind === "function") {
        const node = await visit(input.function, input.params);
        inputs.push({ input: input.name, from: "function", node });
        problems.push(...schemaProblems(name, input, outputs.get(node)));
      } else {
        inputs.push({ input: input.name, from: "dataset", dataset: input.dataset });
      }
    }
    nodes.set(id, { ...nodeOf(id, entry, params, resolved, inputs), problem: problems[0] ?? null });
    return id;
  }

  for (const { name } of functions) await visit(name, {});
  for (const { name, error } of broken) {
    if (!nodes.has(name)) nodes.set(name, unusable(name, error.message));
  }
  return { nodes: orderNodes([...nodes.values()]) };
}

function nodeId(name: string, params: Readonly<Record<string, unknown>>): string {
  return Object.keys(params).length === 0 ? name : `${name}${JSON.stringify(params)}`;
}

/** The parameters that are not as they are when nobody names any. */
function differing(
  params: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).filter(([name, value]) => canonicalJson(value) !== canonicalJson(defaults[name])),
  );
}

function nodeOf(
  id: string,
  { name, description }: CatalogEntry,
  params: Readonly<Record<string, unknown>>,
  { outputs }: ResolvedFunction,
  inputs: readonly GraphInput[],
): GraphNode {
  const { shape, kind, partition } = description;
  const publishable = shape === "feature" || outputs.some((output) => output.name === "ts");
  return { id, function: name, params, shape, kind, partition, publishable, inputs, problem: null };
}

function unusable(id: string, problem: string, name = id, params: GraphNode["params"] = {}): GraphNode {
  const facts = { shape: "feature", kind: "feature", partition: "symbol", publishable: false } as const;
  return { id, function: name, params, ...facts, inputs: [], problem };
}

/** What binding the input would refuse, whatever the dataset. */
function schemaProblems(
  reader: string,
  input: Extract<ResolvedInput, { kind: "function" }>,
  outputs: readonly ResolvedColumn[] | undefined,
): string[] {
  if (outputs === undefined) return [];
  const upstream = { name: input.function, outputs };
  return input.columns.flatMap((column) => {
    try {
      refuseMissingOutput(reader, input.name, column, upstream);
      return [];
    } catch (error) {
      return [messageOf(error)];
    }
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
