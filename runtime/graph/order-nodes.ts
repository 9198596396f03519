import { cycleSentence } from "../plan/cycle-sentence.ts";
import { type GraphNode, upstreamOf } from "./graph.ts";

/**
 * Every node after those it reads, otherwise as given. Nodes that read themselves by way of others come last, each
 * with the cycle as its problem; what reads them says so.
 */
export function orderNodes(given: readonly GraphNode[]): GraphNode[] {
  const byId = new Map(given.map((node) => [node.id, node]));
  const ordered: GraphNode[] = [];
  const done = new Set<string>();
  const cyclic = new Map<string, readonly string[]>();
  const path: string[] = [];

  function visit(node: GraphNode): void {
    if (done.has(node.id)) return;
    const at = path.indexOf(node.id);
    if (at >= 0) {
      const cycle = path.slice(at);
      for (const id of cycle) cyclic.set(id, cyclic.get(id) ?? cycle);
      return;
    }
    path.push(node.id);
    for (const id of upstreamOf(node)) {
      const upstream = byId.get(id);
      if (upstream !== undefined) visit(upstream);
    }
    path.pop();
    done.add(node.id);
    ordered.push(node);
  }

  given.forEach(visit);
  const told = ordered.map((node) => {
    const cycle = cyclic.get(node.id);
    return cycle === undefined ? node : { ...node, problem: cycleProblem(node, cycle) };
  });
  return [...told.filter((node) => !cyclic.has(node.id)), ...told.filter((node) => cyclic.has(node.id))];
}

function cycleProblem(node: GraphNode, cycle: readonly string[]): string {
  const from = cycle.indexOf(node.id);
  const around = [...cycle.slice(from), ...cycle.slice(0, from), node.id];
  return cycleSentence(node.function, around);
}
