import { errorCodeOf } from "../../shared/errors/index.ts";
import { type FunctionGraph, type GraphNode, upstreamOf, withUpstream } from "./graph.ts";

/** Which functions are published: those named, or all of them. */
export interface PublicationChoice {
  /** Functions with their default parameters; null for all. */
  readonly names: readonly string[] | null;
  /** Labels are published when they are asked for, by this or by their names. */
  readonly labels: boolean;
}

/**
 * What is to be published, with everything it reads, in the graph's order. Helpers are among it, so that what reads them
 * has its place after theirs, but are not publishable unless they are named: they are computed with what reads them.
 */
export function chooseNodes(graph: FunctionGraph, { names, labels }: PublicationChoice): GraphNode[] {
  const all = graph.nodes.filter(
    ({ id, function: name, kind, helper }) => id === name && !helper && (labels || kind === "feature"),
  );
  const roots = new Set(names ?? all.map(({ id }) => id));
  const whole = withUpstream(graph, soundIn(graph, roots));
  const chosen = new Set([...whole.map(({ id }) => id), ...brokenIn(graph, roots)]);
  return graph.nodes
    .filter(({ id }) => chosen.has(id))
    .map((node) =>
      node.helper && names?.includes(node.id) !== true ? { ...node, publishable: false } : node,
    );
}

function soundIn({ nodes }: FunctionGraph, roots: ReadonlySet<string>): string[] {
  return nodes.filter(({ id, problem }) => roots.has(id) && problem === null).map(({ id }) => id);
}

/** Nodes that cannot be run, and those that are why: whatever else they read is not computed for their sake. */
function brokenIn({ nodes }: FunctionGraph, roots: ReadonlySet<string>): string[] {
  const problems = new Map(nodes.map(({ id, problem }) => [id, problem]));
  const found = nodes.filter(({ id, problem }) => roots.has(id) && problem !== null).map(({ id }) => id);
  for (const id of found) {
    const upstream = problems.get(id)?.upstream;
    if (upstream != null && !found.includes(upstream)) found.push(upstream);
  }
  return found;
}

/** Whether a node is a feature set of its own. What another reads with parameters of its own is computed with that one. */
export function isPublished(node: GraphNode): boolean {
  return node.id === node.function && node.publishable;
}

/** Nodes whose columns others of them read: computed with their versions, they need not be computed again. */
export function readNodes(nodes: readonly GraphNode[]): ReadonlySet<string> {
  return new Set(nodes.filter(({ problem }) => problem === null).flatMap(upstreamOf));
}

/**
 * Whether a refusal says that a function and a dataset do not fit, by its kind, its columns, its symbols or its bars: of
 * all functions some never will, and nothing is wrong with them. What is wrong whatever the dataset names none.
 */
export function saysUnfit(error: unknown): boolean {
  const code = errorCodeOf(error);
  if (code === undefined || typeof error !== "object" || error === null || !("facts" in error)) return false;
  const facts: unknown = error.facts;
  const fact = UNFIT.get(code);
  return fact !== undefined && typeof facts === "object" && facts !== null && fact in facts;
}

/** By code, the fact that tells a refusal because of the dataset from others. */
const UNFIT: ReadonlyMap<string, string> = new Map([
  ["input-invalid", "dataset"],
  ["match-impossible", "dataset"],
  ["unknown-column", "dataset"],
  // A symbol that was asked for as a row is the caller's.
  ["unknown-symbol", "broadcast"],
]);
