import { messageOf, QuiverError } from "../../shared/errors/index.ts";
import { createSlots } from "../concurrency/create-slots.ts";
import { type GraphNode, type GraphProblem, upstreamOf } from "./graph.ts";

/** How one node of a graph ended. */
export type NodeEnding<T> =
  | { readonly node: GraphNode; readonly kind: "done"; readonly result: T }
  | { readonly node: GraphNode; readonly kind: "failed"; readonly error: unknown }
  /** The node itself is sound, but it cannot be run here, or a node it reads was not run. */
  | { readonly node: GraphNode; readonly kind: "left-out"; readonly why: string; readonly error?: unknown };

export interface RunGraphOptions<T> {
  /** Runs one node; called only after everything the node reads has been run. */
  readonly run: (node: GraphNode) => Promise<T>;
  /** Whether an error of `run` means that the node is left out rather than failed. */
  readonly leavesOut: (error: unknown) => boolean;
  /** Whether what reads a node that failed with this error can run all the same; default: never. */
  readonly sparesReaders?: (error: unknown) => boolean;
  /** How many nodes may run at once. */
  readonly concurrency: number;
  readonly onEnding?: (ending: NodeEnding<T>) => void;
}

/**
 * Runs each node once the nodes it reads have ended, up to `concurrency` at a time. A failure leaves out the nodes that
 * depend on the failed one and no others. Resolves to the endings in the order of the nodes.
 */
export async function runGraph<T>(
  nodes: readonly GraphNode[],
  { run, leavesOut, sparesReaders = () => false, concurrency, onEnding }: RunGraphOptions<T>,
): Promise<NodeEnding<T>[]> {
  const endings = new Map<string, Promise<NodeEnding<T>>>();
  const slots = createSlots({ count: concurrency });

  async function end(node: GraphNode): Promise<NodeEnding<T>> {
    if (node.problem !== null) return problemEnding(node, node.problem);
    const read = upstreamOf(node).flatMap((id) => endings.get(id) ?? []);
    const missing = (await Promise.all(read)).find(
      (ending) => ending.kind === "left-out" || (ending.kind === "failed" && !sparesReaders(ending.error)),
    );
    if (missing !== undefined) {
      const why = missing.kind === "failed" ? "failed" : "was left out";
      return { node, kind: "left-out", why: `It reads ${JSON.stringify(missing.node.id)}, which ${why}.` };
    }
    try {
      return { node, kind: "done", result: await slots.run(() => run(node)) };
    } catch (error) {
      if (leavesOut(error)) return { node, kind: "left-out", why: messageOf(error), error };
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

/** A broken function has failed. A sound one that only lacks a required parameter is left out instead. */
function problemEnding(
  node: GraphNode,
  { code, message, upstream }: GraphProblem,
): Extract<NodeEnding<never>, { kind: "failed" | "left-out" }> {
  if (isLeftOutFor({ code, upstream })) return { node, kind: "left-out", why: message };
  return { node, kind: "failed", error: new QuiverError(code, message, { function: node.function }) };
}

/** Whether a problem leaves a function out, because the function itself is sound, rather than makes it fail. */
export function isLeftOutFor({ code, upstream }: Pick<GraphProblem, "code" | "upstream">): boolean {
  return upstream !== null || code === "parameter-invalid";
}
