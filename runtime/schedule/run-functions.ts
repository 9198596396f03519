import { errorCodeOf, messageOf, QuiverError } from "../../shared/errors/index.ts";
import type { FunctionGraph, GraphNode } from "../graph/graph.ts";
import { chooseNodes, concernsNameOnly, isPublished, readNodes, saysUnfit } from "../graph/publication.ts";
import { type NodeEnding, runGraph } from "../graph/run-graph.ts";
import type { RunChange } from "./run-entry.ts";
import { type PublicationEnding, type PublicationJobs, runPublication } from "./run-publication.ts";
import type { ScheduledFunctions } from "./schedule.ts";

export interface RunFunctionsOptions {
  readonly jobs: PublicationJobs;
  readonly graph: () => Promise<FunctionGraph>;
  readonly work: ScheduledFunctions;
  /** Of the run; each function's job has one made of it. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Jobs handed in at once; how many of them run is the server's to say. */
const AT_ONCE = 8;

type Ending = NodeEnding<PublicationEnding | undefined>;

/**
 * Publishes functions and what they read, each after those it reads. One that fails keeps what reads it from running,
 * and nothing else; the run is `ok` when none has failed, and none was broken.
 */
export async function runFunctions(options: RunFunctionsOptions): Promise<RunChange | undefined> {
  const { jobs, work, key, signal } = options;
  let nodes: readonly GraphNode[];
  try {
    nodes = chooseNodes(await options.graph(), { names: work.functions, labels: false });
  } catch (error) {
    const message = messageOf(error);
    return { outcome: errorCodeOf(error) ?? "internal-error", message };
  }
  const read = readNodes(nodes);
  const endings = await runGraph(nodes, {
    concurrency: AT_ONCE,
    leavesOut: saysUnfit,
    sparesReaders: concernsNameOnly,
    run: async (node) => {
      if (signal.aborted || !isPublished(node)) return undefined;
      const request = {
        ...work.request,
        function: node.function,
        ...(read.has(node.id) ? { forReaders: true } : {}),
      };
      const publication = { request, idempotencyKey: `${key}/${node.function}`, job: null };
      return failing(await runPublication(jobs, publication, () => undefined, signal));
    },
  });
  return signal.aborted ? undefined : summary(endings);
}

/** A node that has failed keeps others from running: the graph learns that from a rejection. */
function failing(ending: PublicationEnding | undefined): PublicationEnding | undefined {
  if (ending === undefined || ending.outcome === "ok") return ending;
  throw new QuiverError(ending.outcome, ending.message ?? ending.outcome, ending.facts);
}

function summary(endings: readonly Ending[]): RunChange {
  const names = { published: [] as string[], equal: [] as string[], leftOut: [] as string[] };
  const failures: { readonly outcome: string; readonly text: string }[] = [];
  for (const ending of endings) {
    const { id } = ending.node;
    if (ending.kind === "left-out") names.leftOut.push(id);
    else if (ending.kind === "done") {
      if (ending.result !== undefined) names[ending.result.created ? "published" : "equal"].push(id);
    } else {
      const { error } = ending;
      const message = messageOf(error);
      failures.push({ outcome: errorCodeOf(error) ?? "internal-error", text: `${id}: ${message}` });
    }
  }
  const { published, equal, leftOut } = names;
  const counted = [
    ...(published.length === 0 ? [] : [`${published.length} published`]),
    ...(equal.length === 0 ? [] : [`${equal.length} equal`]),
    ...(leftOut.length === 0 ? [] : [`${leftOut.length} left out (${leftOut.join(", ")})`]),
    ...(failures.length === 0 ? [] : [`${failures.length} failed`]),
  ].join(", ");
  const message = [counted, ...failures.map(({ text }) => text)].join("; ");
  return { outcome: failures[0]?.outcome ?? "ok", message };
}
