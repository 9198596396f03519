import { chooseNodes, isPublished, readNodes, saysUnfit } from "../../graph/publication.ts";
import { errorCodeOf, messageOf } from "../../../shared/errors/index.ts";
import { type Connection, withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { EXIT_CODES, exitCodeOf } from "../exit-codes.ts";
import { needServer, type OrderOptions, submitJob } from "../order-job.ts";
import { readGraph } from "../read-graph.ts";
import { selectNodes } from "../select-nodes.ts";
import { counted, textTable } from "../text-table.ts";
import { publicationBody, type PublishAllOptions } from "./publish-all.ts";

interface Ordered {
  readonly function: string;
  /** Null if no job was ordered. */
  readonly job: string | null;
  readonly why: string | null;
}

/**
 * `quiver publish --all --async`: orders a job for each function, in the order of the graph. No job waits for another:
 * each computes what its function reads, as every publication does, or uses what another job is computing. Resolves to
 * the exit code.
 */
export async function publishAllAsyncCommand(
  context: CommandContext,
  names: readonly string[],
  options: PublishAllOptions & OrderOptions,
): Promise<number> {
  await needServer(context, ["quiver publish --all", ...names, "--async"].join(" "));
  return withConnection(context, "publish --all --async", "write", async (connection) => {
    const graph = await readGraph(connection, context);
    const roots = names.length === 0 ? null : selectNodes(graph, names);
    const nodes = chooseNodes(graph, { names: roots, labels: options.labels ?? false });
    const { rows, failure } = await orderInTurn(connection, nodes, options);
    const ordered = rows.filter(({ job }) => job !== null);
    if (failure !== undefined && ordered.length === 0) throw failure;
    context.terminal.out(context.json ? `${JSON.stringify({ functions: rows })}\n` : report(rows));
    if (failure !== undefined) throw failure;
    if (!context.json && ordered.length > 0) {
      context.terminal.err('"quiver jobs" shows their progress.\n');
    }
    const isDone = roots === null || ordered.some((row) => roots.includes(row.function));
    return isDone ? EXIT_CODES.done.code : EXIT_CODES.refused.code;
  });
}

/** Orders one job after the other, so that the queue keeps the graph's order. Stops when the server refuses more. */
async function orderInTurn(
  connection: Connection,
  nodes: ReturnType<typeof chooseNodes>,
  { key, priority, ...options }: PublishAllOptions & OrderOptions,
): Promise<{ readonly rows: readonly Ordered[]; readonly failure: unknown }> {
  const rows: Ordered[] = [];
  const read = readNodes(nodes);
  let failure: unknown;
  for (const node of nodes) {
    const { function: name, problem } = node;
    if (problem !== null) rows.push({ function: node.id, job: null, why: problem.message });
    else if (isPublished(node)) {
      if (failure !== undefined) {
        rows.push({ function: name, job: null, why: "Not ordered: the server accepted no more jobs." });
        continue;
      }
      const order = {
        ...(key === undefined ? {} : { key: `${key}/${name}` }),
        ...(priority === undefined ? {} : { priority }),
        ...(options.recompute === undefined ? {} : { recompute: options.recompute }),
      };
      try {
        const { job } = await submitJob(connection, name, publicationBody(options, read.has(node.id)), order);
        rows.push({ function: name, job: job.id, why: null });
      } catch (error) {
        const message = messageOf(error);
        rows.push({ function: name, job: null, why: message });
        // A function that is wrong by itself does not stop the others from being ordered.
        if (saysUnfit(error)) continue;
        if (errorCodeOf(error) === undefined || exitCodeOf(error) !== EXIT_CODES.functionFailed.code)
          failure = error;
      }
    }
  }
  return { rows, failure };
}

function report(rows: readonly Ordered[]): string {
  const table = textTable(
    ["function", "job"],
    rows.map((row) => [row.function, row.job ?? "left out"]),
  );
  const reasons = rows.flatMap((row) => (row.why === null ? [] : [`${row.function}: ${row.why}\n`]));
  const ordered = rows.filter(({ job }) => job !== null).length;
  const rest = rows.length === ordered ? "" : `, ${rows.length - ordered} left out`;
  return `${table}${reasons.length === 0 ? "" : `\n${reasons.join("")}`}\n${counted(ordered, "job")} ordered${rest}\n`;
}
