import { cycleSentence } from "../plan/cycle-sentence.ts";
import { type GraphNode, type GraphProblem, upstreamOf } from "./graph.ts";

/**
 * Orders nodes after those they read and gives each that cannot run its problem: the cycle it is on, or the node it
 * reads that cannot run. Nodes on a cycle and their readers have no order and come last.
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
  const problems = problemsOf(ordered, cyclic);
  const told = ordered.map((node) => ({ ...node, problem: problems.get(node.id) ?? null }));
  const afterCycle = new Set(cyclic.keys());
  for (const node of told) if (upstreamOf(node).some((id) => afterCycle.has(id))) afterCycle.add(node.id);
  const onCycle = told.filter((node) => cyclic.has(node.id));
  const behind = told.filter((node) => afterCycle.has(node.id) && !cyclic.has(node.id));
  return [...told.filter((node) => !afterCycle.has(node.id)), ...onCycle, ...behind];
}

/** The problems of the nodes themselves, then those of their readers. */
function problemsOf(
  ordered: readonly GraphNode[],
  cyclic: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, GraphProblem> {
  const problems = new Map<string, GraphProblem>();
  for (const node of ordered) {
    const cycle = cyclic.get(node.id);
    if (cycle !== undefined) problems.set(node.id, cycleProblem(node, cycle));
    else if (node.problem !== null) problems.set(node.id, node.problem);
  }
  for (const { id, ...node } of ordered) {
    if (problems.has(id)) continue;
    const broken = upstreamOf(node).find((upstream) => problems.has(upstream));
    if (broken === undefined) continue;
    const { code } = problems.get(broken)!;
    problems.set(id, {
      code,
      message: `It reads ${JSON.stringify(broken)}, which cannot be run.`,
      upstream: broken,
    });
  }
  return problems;
}

function cycleProblem(node: GraphNode, cycle: readonly string[]): GraphProblem {
  const from = cycle.indexOf(node.id);
  const around = [...cycle.slice(from), ...cycle.slice(0, from), node.id];
  return { code: "function-cycle", message: cycleSentence(node.function, around), upstream: null };
}
