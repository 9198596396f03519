import { QuiverError } from "../../shared/errors/index.ts";
import { type GraphNode, type GraphProblem, upstreamOf } from "./graph.ts";

/** How one node of a graph ended. */
export type NodeEnding<T> =
  | { readonly node: GraphNode; readonly kind: "done"; readonly result: T }
  | { readonly node: GraphNode; readonly kind: "failed"; readonly error: unknown }
  /** Nothing is wrong with it, but it cannot be run here, or what it reads was not. */
  | { readonly node: GraphNode; readonly kind: "left-out"; readonly why: string };

export interface RunGraphOptions<T> {
  /** Runs one node; only called when everything it reads has been. */
  readonly run: (node: GraphNode) => Promise<T>;
  /** Whether what `run` rejected with leaves a node out, and is no failure. */
  readonly leavesOut: (error: unknown) => boolean;
  /** Nodes at once at most. */
  readonly concurrency: number;
  readonly onEnding?: (ending: NodeEnding<T>) => void;
}

/**
 * Runs nodes in order, as many at once as may be: each when those it reads have ended. One that fails leaves out what
 * reads it and nothing else. The endings come in the order of the nodes.
 */
export async function runGraph<T>(
  nodes: readonly GraphNode[],
  { run, leavesOut, concurrency, onEnding }: RunGraphOptions<T>,
): Promise<NodeEnding<T>[]> {
  const endings = new Map<string, Promise<NodeEnding<T>>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inTurn(work: () => Promise<T>): Promise<T> {
    if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  }

  async function end(node: GraphNode): Promise<NodeEnding<T>> {
    if (node.problem !== null) return problemEnding(node, node.problem);
    const read = upstreamOf(node).flatMap((id) => endings.get(id) ?? []);
    const missing = (await Promise.all(read)).find((ending) => ending.kind !== "done");
    if (missing !== undefined) {
      const why = missing.kind === "failed" ? "failed" : "was left out";
      return { node, kind: "left-out", why: `It reads ${JSON.stringify(missing.node.id)}, which ${why}.` };
    }
    try {
      return { node, kind: "done", result: await inTurn(() => run(node)) };
    } catch (error) {
      if (leavesOut(error)) return { node, kind: "left-out", why: messageOf(error) };
      return { node, kind: "failed", error };
    }
  }

  for (const node of nodes) {
    const ending = end(node);
    endings.set(node.id, ending);
    if (onEnding !== undefined) void ending.then(onEnding);
  }
  return Promise.all(endings.values());
}

/** A function that is broken has failed. One that only wants a parameter named is whole, and is left out of what names none. */
function problemEnding(
  node: GraphNode,
  { code, message, upstream }: GraphProblem,
): Extract<NodeEnding<never>, { kind: "failed" | "left-out" }> {
  if (upstream !== null || code === "parameter-invalid") return { node, kind: "left-out", why: message };
  return { node, kind: "failed", error: new QuiverError(code, message, { function: node.function }) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
