import { defined } from "../../../shared/defined.ts";
import type { PublicationPlan } from "../../graph/plan-publications.ts";
import { saysUnfit } from "../../graph/publication.ts";
import { isLeftOutFor } from "../../graph/run-graph.ts";
import { errorCodeOf, messageOf } from "../../../shared/errors/index.ts";
import { type Connection, withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { EXIT_CODES, exitCodeOf } from "../exit-codes.ts";
import { needServer, type OrderOptions, submitJob } from "../order-job.ts";
import { readPublications } from "../read-publications.ts";
import { counted, textTable } from "../text-table.ts";
import { publicationBody, type PublishAllOptions, subjectColumns, subjectText } from "./publish-all.ts";

interface Ordered {
  readonly function: string;
  /** The name of the feature set. */
  readonly name: string;
  /** The parameters and selection it was and is published with; empty for defaults. */
  readonly with: string;
  readonly outcome: "ordered" | "left-out" | "failed";
  /** Null if no job was ordered. */
  readonly job: string | null;
  readonly why: string | null;
}

/**
 * `quiver publish --all --async`: orders a job for each function, in the order of the graph. No job waits for another:
 * each computes what its function reads, as every publication does, or uses what another job is computing. Resolves to
 * the exit code, which says nothing of how the jobs end.
 */
export async function publishAllAsyncCommand(
  context: CommandContext,
  names: readonly string[],
  options: PublishAllOptions & OrderOptions,
): Promise<number> {
  await needServer(context, ["quiver publish --all", ...names, "--async"].join(" "));
  return withConnection(context, "publish --all --async", "write", async (connection) => {
    const { roots, ...plan } = await readPublications(connection, context, names, options);
    const { rows, failure } = await orderInTurn(connection, plan, options);
    const ordered = rows.filter(({ job }) => job !== null);
    if (failure !== undefined && ordered.length === 0) throw failure;
    context.terminal.out(context.json ? `${JSON.stringify({ functions: rows })}\n` : report(rows));
    if (failure !== undefined) throw failure;
    if (!context.json && ordered.length > 0) {
      context.terminal.err('"quiver jobs" shows their progress.\n');
    }
    if (rows.some(({ outcome }) => outcome === "failed")) return EXIT_CODES.functionFailed.code;
    const isDone = roots === null || ordered.some((row) => roots.includes(row.function));
    return isDone ? EXIT_CODES.done.code : EXIT_CODES.refused.code;
  });
}

/** Orders one job after the other, so that the queue keeps the graph's order. Stops when the server refuses more. */
async function orderInTurn(
  connection: Connection,
  { nodes, publications }: PublicationPlan,
  { key, priority, ...options }: PublishAllOptions & OrderOptions,
): Promise<{ readonly rows: readonly Ordered[]; readonly failure: unknown }> {
  const rows: Ordered[] = [];
  let failure: unknown;
  for (const node of nodes) {
    const { function: name, problem } = node;
    const publication = publications.get(node.id);
    const subject =
      publication === undefined
        ? { function: node.id, name: node.id, with: "" }
        : { function: name, name: publication.name, with: publication.withText };
    if (problem !== null) {
      const outcome = isLeftOutFor(problem) ? "left-out" : "failed";
      rows.push({ ...subject, outcome, job: null, why: problem.message });
    } else if (publication !== undefined) {
      if (failure !== undefined) {
        const why = "Not ordered: the server accepted no more jobs.";
        rows.push({ ...subject, outcome: "left-out", job: null, why });
        continue;
      }
      const order = {
        ...(key === undefined ? {} : { key: `${key}/${subjectKey(subject)}` }),
        ...defined({ priority, recompute: options.recompute }),
      };
      try {
        const { job } = await submitJob(connection, name, publicationBody(options, publication), order);
        rows.push({ ...subject, outcome: "ordered", job: job.id, why: null });
      } catch (error) {
        const message = messageOf(error);
        rows.push({ ...subject, outcome: saysUnfit(error) ? "left-out" : "failed", job: null, why: message });
        // A function that is wrong by itself does not stop the others from being ordered.
        if (saysUnfit(error)) continue;
        if (errorCodeOf(error) === undefined || exitCodeOf(error) !== EXIT_CODES.functionFailed.code)
          failure = error;
      }
    }
  }
  return { rows, failure };
}

/** Of two sets of one function each has its own key. */
function subjectKey({ function: function_, name }: Pick<Ordered, "function" | "name">): string {
  return name === function_ ? function_ : `${function_}/${name}`;
}

function report(rows: readonly Ordered[]): string {
  const subjects = subjectColumns(rows);
  const table = textTable(
    [...subjects.heads, "job"],
    rows.map((row) => [...subjects.cellsOf(row), row.job ?? row.outcome]),
  );
  const reasons = rows.flatMap((row) => (row.why === null ? [] : [`${subjectText(row)}: ${row.why}\n`]));
  const countOf = (outcome: Ordered["outcome"]) => rows.filter((row) => row.outcome === outcome).length;
  const [ordered, leftOut, failed] = [countOf("ordered"), countOf("left-out"), countOf("failed")];
  const rest = `${leftOut === 0 ? "" : `, ${leftOut} left out`}${failed === 0 ? "" : `, ${failed} failed`}`;
  return `${table}${reasons.length === 0 ? "" : `\n${reasons.join("")}`}\n${counted(ordered, "job")} ordered${rest}\n`;
}
