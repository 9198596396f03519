import type { FunctionGraph, GraphNode } from "../../../runtime/graph/graph.ts";
import { chooseNodes, isPublished, readNodes, saysUnfit } from "../../../runtime/graph/publication.ts";
import { runGraph } from "../../../runtime/graph/run-graph.ts";

/** As `quiver publish --all` does it. */
const AT_ONCE = 3;
const ANSWER_MS_MAX = 20 * 60_000;

/** What became of one function. */
export interface PublishedFunction {
  readonly name: string;
  /** Whether there is a new version. */
  readonly created: boolean;
  readonly rowCount: number;
  /** Rows that were computed for the version, when it was made. */
  readonly rowsComputed: number;
  readonly rowChecksum: string;
}

export interface Everything {
  readonly milliseconds: number;
  readonly published: readonly PublishedFunction[];
  /** Functions that do not fit the dataset. */
  readonly leftOut: readonly string[];
  /** What reads what, as the server says. */
  readonly graph: FunctionGraph;
}

/** Publishes all functions on a running server, labels too; what is published under a name gives way. */
export async function publishEverything(
  url: string,
  dataset: string,
  signal: AbortSignal,
): Promise<Everything> {
  const startedAt = performance.now();
  const graph = (await (await fetch(`${url}/graph`, { signal })).json()) as FunctionGraph;
  const nodes = chooseNodes(graph, { names: null, labels: true });
  const read = readNodes(nodes);
  const endings = await runGraph(nodes, {
    concurrency: AT_ONCE,
    run: (node) => publishNode(url, dataset, node, read.has(node.id), signal),
    leavesOut: saysUnfit,
  });
  const milliseconds = performance.now() - startedAt;
  const published: PublishedFunction[] = [];
  const leftOut: string[] = [];
  for (const ending of endings) {
    if (ending.kind === "failed") throw ending.error;
    if (ending.kind === "left-out") leftOut.push(ending.node.id);
    else if (ending.result !== undefined) published.push(ending.result);
  }
  return { milliseconds, published, leftOut, graph };
}

async function publishNode(
  url: string,
  dataset: string,
  node: GraphNode,
  forReaders: boolean,
  signal: AbortSignal,
): Promise<PublishedFunction | undefined> {
  if (!isPublished(node)) return undefined;
  const response = await fetch(`${url}/functions/${node.function}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ dataset, publish: { replace: true, forReaders } }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    // Bun gives up after five minutes otherwise.
    timeout: false,
  } as RequestInit);
  const answer = (await response.json()) as Answer;
  if (!response.ok) {
    const message = `${node.function} was not published: ${answer.detail ?? response.status}`;
    throw Object.assign(new Error(message), { code: answer.code, facts: answer });
  }
  const { created, rowCount, rowChecksum, made } = answer;
  const rowsComputed = made?.rowsComputed ?? rowCount;
  return { name: node.function, created, rowCount, rowsComputed, rowChecksum };
}

/** A manifest, or a problem. */
interface Answer {
  readonly created: boolean;
  readonly rowCount: number;
  readonly rowChecksum: string;
  readonly made?: { readonly rowsComputed: number };
  readonly code?: string;
  readonly detail?: string;
}
