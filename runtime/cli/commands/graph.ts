import { type FunctionGraph, withUpstream } from "../../graph/graph.ts";
import { graphMermaid, graphText } from "../../graph/render-graph.ts";
import { selectNodes } from "../../graph/select-nodes.ts";
import { withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { readGraph } from "../read-graph.ts";

export interface GraphCommandOptions {
  readonly mermaid?: boolean;
}

/** `quiver graph [functions…]`: shows which function reads which, in the order they run. */
export async function graphCommand(
  context: CommandContext,
  names: readonly string[],
  { mermaid = false }: GraphCommandOptions,
): Promise<FunctionGraph> {
  return withConnection(context, "graph", "read", async (connection) => {
    const whole = await readGraph(connection, context);
    const graph = names.length === 0 ? whole : { nodes: withUpstream(whole, selectNodes(whole, names)) };
    const text = mermaid ? graphMermaid(graph) : graphText(graph);
    context.terminal.out(context.json ? `${JSON.stringify(graph)}\n` : text);
    return graph;
  });
}
