import type { ErrorCode } from "../../shared/errors/index.ts";

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
  /** A step of another function's computation, published only by its name. */
  readonly helper: boolean;
  readonly inputs: readonly GraphInput[];
  /** Why it cannot be run, whatever the dataset; null when nothing speaks against it. */
  readonly problem: GraphProblem | null;
}

export interface GraphProblem {
  readonly code: ErrorCode;
  /** A sentence. */
  readonly message: string;
  /** The node it reads that cannot be run; null where the fault is its own. */
  readonly upstream: string | null;
}

export type GraphInput =
  /** Of a function that is not there, or takes no such parameters, there is no node. */
  | { readonly input: string; readonly from: "function"; readonly node: string }
  | {
      readonly input: string;
      readonly from: "dataset";
      /** By name; null for the one an invocation names. */
      readonly dataset: string | null;
      /** Rows matched to its own, one symbol's on all of them, or facts that belong to a symbol. */
      readonly as: "rows" | "broadcast" | "attributes";
      /** The one that is broadcast. */
      readonly symbol: string | null;
    };

/** Functions and what they read, every function after those it reads. Those on a cycle, and what reads them, come last. */
export interface FunctionGraph {
  readonly nodes: readonly GraphNode[];
}

/** The nodes that a node reads directly. */
export function upstreamOf(node: Pick<GraphNode, "inputs">): string[] {
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
