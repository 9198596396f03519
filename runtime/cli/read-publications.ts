import { CurrentSets } from "../graph/current-set.ts";
import { planPublications, type PublicationPlan } from "../graph/plan-publications.ts";
import { selectNodes } from "../graph/select-nodes.ts";
import type { Connection } from "./connect.ts";
import type { CommandContext } from "./context.ts";
import { readGraph } from "./read-graph.ts";

export interface PublicationsOptions {
  readonly dataset?: string;
  readonly labels?: boolean;
  readonly replace?: boolean;
}

export interface ChosenPublications extends PublicationPlan {
  /** The functions that were named; null if none was. */
  readonly roots: readonly string[] | null;
}

/** Asks for the graph and for what is published already, and plans what `publish --all` has to publish. */
export async function readPublications(
  connection: Connection,
  context: CommandContext,
  names: readonly string[],
  { dataset, labels = false, replace = false }: PublicationsOptions,
): Promise<ChosenPublications> {
  const graph = await readGraph(connection, context);
  const roots = names.length === 0 ? null : selectNodes(graph, names);
  const answer = await connection.send("/feature-sets", { query: { dataset } });
  const { featureSets: current } = CurrentSets.parse(await answer.json());
  return { ...planPublications(graph, { names: roots, labels, current, replace }), roots };
}
