import { errorCodeOf } from "../../shared/errors/index.ts";
import { type FunctionGraph, type GraphNode, upstreamOf, withUpstream } from "./graph.ts";

/** Which functions to publish: the named ones or all. */
export interface PublicationChoice {
  /** Functions, with their default parameters; null for all. */
  readonly names: readonly string[] | null;
  /** Whether to publish labels that are not named. */
  readonly labels: boolean;
}

/**
 * The nodes to publish and everything they read, in the graph's order. Helpers are included to order their readers,
 * but are not publishable unless named: they are computed with their readers.
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

/** The requested nodes that cannot run, and the nodes that cause this. Their other inputs are not computed for them. */
function brokenIn({ nodes }: FunctionGraph, roots: ReadonlySet<string>): string[] {
  const problems = new Map(nodes.map(({ id, problem }) => [id, problem]));
  const found = nodes.filter(({ id, problem }) => roots.has(id) && problem !== null).map(({ id }) => id);
  for (const id of found) {
    const upstream = problems.get(id)?.upstream;
    if (upstream != null && !found.includes(upstream)) found.push(upstream);
  }
  return found;
}

/**
 * Whether a node is a feature set of its own. A function that another reads with other parameters is computed with
 * its reader.
 */
export function isPublished(node: GraphNode): boolean {
  return node.id === node.function && node.publishable;
}

/** The nodes whose columns other nodes read. Those columns are computed together with their versions. */
export function readNodes(nodes: readonly GraphNode[]): ReadonlySet<string> {
  return new Set(nodes.filter(({ problem }) => problem === null).flatMap(upstreamOf));
}

/**
 * Whether a refusal means that a function does not fit a dataset, because of its kind, columns, symbols or bars.
 * Some functions never fit a given dataset, and nothing is wrong with them. A refusal that holds for every dataset
 * names no dataset.
 */
export function saysUnfit(error: unknown): boolean {
  const code = errorCodeOf(error);
  if (code === undefined || typeof error !== "object" || error === null || !("facts" in error)) return false;
  const facts: unknown = error.facts;
  const fact = UNFIT.get(code);
  return fact !== undefined && typeof facts === "object" && facts !== null && fact in facts;
}

/**
 * Whether an error concerns only the name to publish under. Functions that read this one can run: they compute it with
 * their own parameters, whatever the name holds.
 */
export function concernsNameOnly(error: unknown): boolean {
  return errorCodeOf(error) === "feature-set-conflict";
}

/** By code, the fact that only refusals caused by the dataset have. */
const UNFIT: ReadonlyMap<string, string> = new Map([
  ["input-invalid", "dataset"],
  ["match-impossible", "dataset"],
  ["unknown-column", "dataset"],
  // Without that fact, the symbol was selected by the caller.
  ["unknown-symbol", "broadcast"],
]);
