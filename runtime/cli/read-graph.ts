import { QuiverError } from "../../shared/errors/index.ts";
import { Graph } from "../graph/graph-answer.ts";
import type { FunctionGraph } from "../graph/graph.ts";
import type { Connection } from "./connect.ts";
import type { CommandContext } from "./context.ts";
import { noFunctionsText } from "./no-functions.ts";

/** Reads the graph of functions. Refuses an empty one: the folder of functions is most likely the wrong one. */
export async function readGraph(
  { send, where }: Pick<Connection, "send" | "where">,
  context: CommandContext,
): Promise<FunctionGraph> {
  const graph = Graph.parse(await (await send("/graph")).json());
  if (graph.nodes.length > 0) return graph;
  const { functions } = context.settings;
  throw new QuiverError("unknown-function", noFunctionsText(where, context), { functions });
}
