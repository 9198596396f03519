/** A function with parameters of which a graph holds one node. */
export interface GraphNode {
  /** The function's name; with parameters other than its defaults, `name{"period":5}`. */
  readonly id: string;
  readonly function: string;
  /** As given by whoever reads it; `{}` where the function stands for itself. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly shape: "feature" | "table";
  readonly kind: "feature" | "label";
  readonly partition: "symbol" | "date" | "whole";
  /** Whether somebody could publish it: a table without times cannot be. */
  readonly publishable: boolean;
  readonly inputs: readonly GraphInput[];
  /** Why it cannot be run, in a sentence; null when nothing speaks against it. */
  readonly problem: string | null;
}

export type GraphInput =
  | { readonly input: string; readonly from: "function"; readonly node: string }
  /** A dataset by name; null for the one an invocation names. */
  | { readonly input: string; readonly from: "dataset"; readonly dataset: string | null };

/** Functions and what they read, every function after those it reads. Those on a cycle come last, with the problem. */
export interface FunctionGraph {
  readonly nodes: readonly GraphNode[];
}

/** The nodes that a node reads directly. */
export function upstreamOf(node: GraphNode): string[] {
  return node.inputs.flatMap((input) => (input.from === "function" ? [input.node] : []));
}

/** Some nodes and everything they depend on, in the graph's order. */
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
