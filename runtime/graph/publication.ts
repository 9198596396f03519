import { type FunctionGraph, type GraphNode, withUpstream } from "./graph.ts";

/** Which functions are published: those named, or all of them. */
export interface PublicationChoice {
  /** Functions with their default parameters; null for all. */
  readonly names: readonly string[] | null;
  /** Labels are published when they are asked for, by this or by their names. */
  readonly labels: boolean;
}

/** What is to be published, with everything it reads, in the graph's order. */
export function chooseNodes(graph: FunctionGraph, { names, labels }: PublicationChoice): GraphNode[] {
  const all = graph.nodes.filter(
    ({ id, function: name, kind }) => id === name && (labels || kind === "feature"),
  );
  return withUpstream(graph, names ?? all.map(({ id }) => id));
}

/** Whether a node is a feature set of its own. What another reads with parameters of its own is computed with that one. */
export function isPublished(node: GraphNode): boolean {
  return node.id === node.function && node.publishable;
}

/** Whether a refusal says that a function and a dataset do not fit: of all functions some never will. */
export function saysUnfit(code: string): boolean {
  return UNFIT.has(code);
}

const UNFIT: ReadonlySet<string> = new Set(["input-invalid", "unknown-column", "unknown-symbol"]);
