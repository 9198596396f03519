import { errorCodeOf, messageOf, QuiverError } from "../../shared/errors/index.ts";
import type { CurrentSet } from "../graph/current-set.ts";
import type { FunctionGraph } from "../graph/graph.ts";
import { nodeLabel, planPublications, type PublicationPlan } from "../graph/plan-publications.ts";
import { concernsNameOnly, saysUnfit } from "../graph/publication.ts";
import { type NodeEnding, runGraph } from "../graph/run-graph.ts";
import type { RunChange } from "./run-entry.ts";
import { type PublicationEnding, type PublicationJobs, runPublication } from "./run-publication.ts";
import type { ScheduledFunctions } from "./schedule.ts";

export interface RunFunctionsOptions {
  readonly jobs: PublicationJobs;
  readonly graph: () => Promise<FunctionGraph>;
  /** The feature sets of a dataset that have a current version; of the default one where none is named. */
  readonly current: (dataset: string | undefined) => Promise<readonly CurrentSet[]>;
  readonly work: ScheduledFunctions;
  /** The key of the run; the key of each function's job is made from it. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** How many jobs are submitted at once; the server decides how many of them run. */
const AT_ONCE = 8;

type Ending = NodeEnding<PublicationEnding | undefined>;

/**
 * Publishes functions and everything they read, each after those that it reads. A function that fails keeps only its
 * readers from running; the run is `ok` if none failed and none was broken.
 */
export async function runFunctions(options: RunFunctionsOptions): Promise<RunChange | undefined> {
  const { jobs, work, key, signal } = options;
  const { replace = false, symbols, ...chosen } = work.request;
  let plan: PublicationPlan;
  let gone: readonly Failure[];
  try {
    const current = await options.current(chosen.dataset);
    const graph = await options.graph();
    gone = goneFrom(graph, work.functions);
    plan = planPublications(graph, { names: work.functions, labels: false, current, replace });
  } catch (error) {
    const message = messageOf(error);
    return { outcome: errorCodeOf(error) ?? "internal-error", message };
  }
  const endings = await runGraph(plan.nodes, {
    concurrency: AT_ONCE,
    leavesOut: saysUnfit,
    sparesReaders: concernsNameOnly,
    run: async (node) => {
      const planned = plan.publications.get(node.id);
      if (signal.aborted || planned === undefined) return undefined;
      // A set under another name is what its name says, whatever this entry selects.
      const isOwn = symbols !== undefined && planned.name === node.function;
      const request = { ...planned.request, ...chosen, ...(isOwn ? { symbols } : {}) };
      const publication = { request, idempotencyKey: `${key}/${nodeLabel(node)}`, job: null };
      return failing(await runPublication(jobs, publication, () => undefined, signal));
    },
  });
  return signal.aborted ? undefined : summary(endings, gone);
}

/** Rejects for a publication that failed, which tells the graph not to run its readers. */
function failing(ending: PublicationEnding | undefined): PublicationEnding | undefined {
  if (ending === undefined || ending.outcome === "ok") return ending;
  throw new QuiverError(ending.outcome, ending.message ?? ending.outcome, ending.facts);
}

interface Failure {
  readonly outcome: string;
  readonly text: string;
}

/** The named functions that no longer exist, or the lack of any. The schedule was read before they went. */
function goneFrom({ nodes }: FunctionGraph, names: readonly string[] | null): Failure[] {
  const known = new Set(nodes.map(({ id }) => id));
  const outcome = "unknown-function";
  if (names === null && known.size === 0) return [{ outcome, text: "there are no functions" }];
  return (names ?? [])
    .filter((name) => !known.has(name))
    .map((name) => ({ outcome, text: `${name}: there is no such function` }));
}

function summary(endings: readonly Ending[], gone: readonly Failure[]): RunChange {
  const names = { published: [] as string[], equal: [] as string[], leftOut: [] as string[] };
  const failures: Failure[] = [...gone];
  for (const ending of endings) {
    const id = nodeLabel(ending.node);
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
