import type { PublishRequest } from "../../shared/protocol/invocation.ts";
import { type CurrentSet, publishedWithText, requestWith } from "./current-set.ts";
import type { FunctionGraph, GraphNode } from "./graph.ts";
import { chooseNodes, isPublished, type PublicationChoice, readNodes } from "./publication.ts";

/** What one node publishes. */
export interface PlannedPublication {
  /** Of the feature set. */
  readonly name: string;
  /** What it is published with apart from defaults, in words; empty for none. */
  readonly withText: string;
  readonly request: Pick<PublishRequest, "function"> & Partial<PublishRequest>;
}

export interface PublicationPlan {
  /** What to run, each node after those it reads. */
  readonly nodes: readonly GraphNode[];
  /** By node id. A node without one publishes nothing: it is computed with what reads it. */
  readonly publications: ReadonlyMap<string, PlannedPublication>;
}

export interface PlanPublicationsOptions extends PublicationChoice {
  /** The feature sets that have a current version. */
  readonly current: readonly CurrentSet[];
  /** Publish each function with its defaults even if its name holds something else. */
  readonly replace: boolean;
}

/**
 * Plans what to publish: each current feature set of the chosen functions with what it was published with, and
 * functions that nobody has published with their defaults. What reads a function is computed from its defaults,
 * so sets that were published with anything else are nodes of their own, which nothing reads and which come last.
 */
export function planPublications(
  graph: FunctionGraph,
  { current, replace, ...choice }: PlanPublicationsOptions,
): PublicationPlan {
  const chosen = chooseNodes(graph, choice);
  const read = readNodes(chosen);
  const nodes: GraphNode[] = [];
  const further: GraphNode[] = [];
  const publications = new Map<string, PlannedPublication>();

  for (const node of chosen) {
    const { id, function: name } = node;
    const sets = setsOf(node, choice, current).filter(({ with: its, ...set }) =>
      set.name === name ? !replace && publishedWithText(its) !== "" : true,
    );
    for (const set of sets) {
      const own = nodeOf(node, set);
      further.push(own);
      const as = set.name === name ? {} : { as: set.name };
      publications.set(own.id, {
        name: set.name,
        withText: publishedWithText(set.with),
        request: { ...requestWith(set.with), function: name, ...as },
      });
    }
    const isPublishedOtherwise = sets.some((set) => set.name === name);
    // A parameter that the function needs is given by the set that there is.
    if (isPublishedOtherwise && wantsParameter(node)) continue;
    nodes.push(node);
    if (isPublishedOtherwise || !isPublished(node)) continue;
    const replacing = replace ? { replace } : {};
    const forReaders = read.has(id) ? { forReaders: true } : {};
    publications.set(id, { name, withText: "", request: { function: name, ...replacing, ...forReaders } });
  }
  return { nodes: [...nodes, ...further], publications };
}

/** The sets that are brought up to date with a node: of functions that others read, only those of the same name. */
function setsOf(node: GraphNode, { names }: PublicationChoice, current: readonly CurrentSet[]): CurrentSet[] {
  if (node.id !== node.function || !(node.publishable || wantsParameter(node))) return [];
  const isNamed = names?.includes(node.id) ?? true;
  return current.filter(
    (set) =>
      set.function === node.function && set.kind === node.kind && (isNamed || set.name === node.function),
  );
}

function wantsParameter({ problem }: GraphNode): boolean {
  return problem?.code === "parameter-invalid" && problem.upstream === null;
}

function nodeOf(node: GraphNode, { name, with: its }: CurrentSet): GraphNode {
  return {
    ...node,
    id: `${node.function} as ${name}`,
    publishable: true,
    inputs: node.inputs.filter(({ input }) => !Object.hasOwn(its.inputs, input)),
    problem: wantsParameter(node) ? null : node.problem,
  };
}

/** A node as people know it. */
export function nodeLabel({ id, function: name }: Pick<GraphNode, "id" | "function">): string {
  return id === `${name} as ${name}` ? name : id;
}
