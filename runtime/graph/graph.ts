import type { ErrorCode } from "../../shared/errors/index.ts";

/** One node of the graph: a function with parameters. */
export interface GraphNode {
  /** The function's name; with parameters that differ from the defaults, `name{"period":5}`. */
  readonly id: string;
  readonly function: string;
  /** As the reader passes them; `{}` for the function by itself. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly shape: "feature" | "table";
  readonly kind: "feature" | "label";
  readonly partition: "symbol" | "date" | "whole";
  /** Whether it can be published: a table without times cannot. */
  readonly publishable: boolean;
  /** A step of another function's computation, published only by its name. */
  readonly helper: boolean;
  readonly inputs: readonly GraphInput[];
  /** Why it cannot run, whatever the dataset; null if nothing prevents it. */
  readonly problem: GraphProblem | null;
}

export interface GraphProblem {
  readonly code: ErrorCode;
  /** A sentence. */
  readonly message: string;
  /** The node it reads that cannot run; null if the fault is its own. */
  readonly upstream: string | null;
}

export type GraphInput =
  /** There is no node for a function that does not exist or refuses the parameters. */
  | { readonly input: string; readonly from: "function"; readonly node: string }
  | {
      readonly input: string;
      readonly from: "dataset";
      /** By name; null for the dataset of the invocation. */
      readonly dataset: string | null;
      /** Rows matched to its own, one symbol's rows for all of them, or attributes of a symbol. */
      readonly as: "rows" | "broadcast" | "attributes";
      /** The symbol that is broadcast. */
      readonly symbol: string | null;
    };

/** Functions and what they read. Each follows the functions it reads; cycles and their readers come last. */
export interface FunctionGraph {
  readonly nodes: readonly GraphNode[];
}

/** The nodes that a node reads directly. */
export function upstreamOf(node: Pick<GraphNode, "inputs">): string[] {
  return node.inputs.flatMap((input) => (input.from === "function" ? [input.node] : []));
}

/** These nodes and everything they depend on, in the graph's order. */
export function withUpstream({ nodes }: FunctionGraph, ids: Iterable<string>): GraphNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const wanted = new Set<string>();
  const add = (id: string) => {
    const node = byId.get(id);
    if (node === undefined || wanted.has(id)) return;
    wanted.add(id);
    upstreamOf(node).forEach(add);
  };
  for (const id of ids) add(id);
  return nodes.filter((node) => wanted.has(node.id));
}
