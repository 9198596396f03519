import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { QuiverError } from "../../../shared/errors/index.ts";
import { connect, type Connection, toError, withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { createProgress, type ProgressDisplay } from "../progress.ts";
import { progressText, ranText, resultText, ShownJob } from "../shown-job.ts";
import { byteText, counted, textTable } from "../text-table.ts";
import { writeBodyToFile, writeBodyToTerminal } from "../write-body.ts";
import { formatName } from "./invoke.ts";

export interface JobsCommandOptions {
  readonly status?: string;
  readonly function?: string;
  readonly limit?: string;
}

export interface JobResultOptions {
  readonly format?: string;
  readonly output?: string;
  readonly limit?: string;
}

const Listed = z.object({ invocations: z.array(ShownJob) });

/** How often, and how many times, `watch` looks for a server that has disappeared. */
const RETRY_MS = 500;
const RETRIES_MAX = 60;

/** `quiver jobs`: lists jobs, newest first. */
export async function jobsCommand(context: CommandContext, options: JobsCommandOptions): Promise<void> {
  const { status, function: name, limit } = options;
  await withConnection(context, "jobs", "read", async ({ send, where }) => {
    const query = { jobs: "1", status, function: name, limit };
    const body: unknown = await (await send("/invocations", { query })).json();
    const { invocations } = Listed.parse(body);
    if (context.json) {
      context.terminal.out(`${JSON.stringify({ jobs: invocations })}\n`);
      return;
    }
    if (invocations.length === 0) {
      context.terminal.err(noJobsText(options, where));
      return;
    }
    // Without a server nothing runs: a job recorded as running was interrupted.
    const isInterrupted = ({ status: now }: ShownJob) => where === "here" && now === "running";
    const rows = invocations.map((job) => [
      job.id,
      job.function,
      job.kind,
      ...(isInterrupted(job)
        ? ["interrupted", "continues at the next start", ""]
        : [job.status, progressText(job), ranText(job)]),
      job.createdAt,
    ]);
    context.terminal.out(textTable(["id", "function", "kind", "status", "progress", "ran", "created"], rows));
    if (where === "here" && invocations.some(({ endedAt }) => endedAt === null))
      context.terminal.err('No server is running, so unfinished jobs wait. Start one with "quiver start".\n');
  });
}

/** Says how to order a job. */
function noJobsText({ status, function: name }: JobsCommandOptions, where: Connection["where"]): string {
  const filters = [
    ...(status === undefined ? [] : [`--status ${status}`]),
    ...(name === undefined ? [] : [`--function ${name}`]),
  ];
  if (filters.length > 0) return `No jobs with ${filters.join(" and ")}: "quiver jobs" lists all of them.\n`;
  const first =
    where === "here" ? 'A server runs them: start one with "quiver start", then order a job' : "Order one";
  return `No jobs yet. ${first} with "quiver invoke <function> --async" or "quiver publish <function> --async".\n`;
}

/** `quiver jobs watch`: shows progress until the job ends, across restarts of the server. Throws the job's error. */
export async function watchJobCommand(context: CommandContext, id: string): Promise<void> {
  const progress = createProgress(context.terminal, id, context.json);
  let job: ShownJob | undefined;
  try {
    for (let retries = 0; job === undefined; retries++) {
      if (retries > 0) await sleep(RETRY_MS, undefined, { signal: context.signal });
      job = await watchOnce(context, id, progress, retries);
    }
  } finally {
    progress.stop();
  }
  if (context.json) context.terminal.out(`${JSON.stringify(job)}\n`);
  if (job.error !== null) throw toError(JSON.stringify(job.error), job.error.status);
  if (!context.json) context.terminal.out(resultText(job));
}

/** `quiver jobs cancel`: stops a job. One that has ended stays as it is. */
export async function cancelJobCommand(context: CommandContext, id: string): Promise<void> {
  await withConnection(context, "jobs cancel", "write", async ({ send }) => {
    const body: unknown = await (await send(pathOf(id), { method: "DELETE" })).json();
    const { status } = ShownJob.parse(body);
    if (context.json) context.terminal.out(`${JSON.stringify(body)}\n`);
    else if (status === "cancelled") context.terminal.out(`Cancelled ${id}.\n`);
    else context.terminal.out(`Nothing to cancel: ${id} has ${status}.\n`);
  });
}

/** `quiver jobs logs`: prints the end of what the job's handlers printed. */
export async function jobLogsCommand(context: CommandContext, id: string): Promise<void> {
  await withConnection(context, "jobs logs", "read", async ({ send }) => {
    const log = await (await send(`${pathOf(id)}/logs`)).text();
    context.terminal.out(context.json ? `${JSON.stringify({ id, log })}\n` : log);
    if (context.json || log !== "") return;
    const { status } = ShownJob.pick({ status: true }).parse(await (await send(pathOf(id))).json());
    context.terminal.err(`No log: ${SILENT[status](id)}.\n`);
  });
}

/** Why a job has no log. */
const SILENT: Readonly<Record<ShownJob["status"], (id: string) => string>> = {
  queued: (id) => `the job ${id} has not started`,
  running: (id) => `the handlers of the job ${id} have printed nothing yet`,
  succeeded: (id) => `the handlers of the job ${id} printed nothing`,
  failed: (id) => `the handlers of the job ${id} printed nothing before it failed`,
  cancelled: (id) => `the handlers of the job ${id} printed nothing before it was cancelled`,
};

/** `quiver jobs result`: delivers the rows as `invoke` would, or the manifest of what the job published. */
export async function jobResultCommand(
  context: CommandContext,
  id: string,
  options: JobResultOptions,
): Promise<void> {
  const format = formatName(options, context.json) ?? "csv";
  await withConnection(context, "jobs result", "read", async ({ send }) => {
    const response = await send(`${pathOf(id)}/result`, { query: { format, limit: options.limit } });
    if (options.output === undefined) return writeBodyToTerminal(response, context.terminal);
    const rows = response.headers.get("Quiver-Rows");
    if (rows === null && format !== "json") throw await rowsArePublished(id, options.output, response);
    const byteLength = await writeBodyToFile(response, options.output);
    const what = rows === null ? "the manifest of what it published" : counted(Number(rows), "row");
    context.terminal.err(`${options.output}: ${what} · ${byteText(byteLength)}\n`);
  });
}

const Version = z.object({ dataset: z.string(), name: z.string(), version: z.string() });

/** Refuses to write a manifest to a file that is named for rows. A publication's rows are in the data directory. */
async function rowsArePublished(id: string, output: string, response: Response): Promise<QuiverError> {
  const { dataset, name, version } = Version.parse(await response.json());
  const table = `${dataset}.${name}`.replaceAll("-", "_");
  return new QuiverError(
    "request-malformed",
    `Cannot write rows of the job ${id} to ${JSON.stringify(output)}: it published ${dataset}/${name} version ${version}. quiver sql "select * from ${table}" -o ${output} writes the rows, and -o manifest.json the manifest.`,
    { field: "--output", given: output, dataset, name, version },
  );
}

/** Watches until the job ends; undefined if the server disappears before that. */
async function watchOnce(
  context: CommandContext,
  id: string,
  progress: ProgressDisplay,
  retries: number,
): Promise<ShownJob | undefined> {
  const connection = await connect(context, "jobs watch", "read");
  try {
    if (connection.where === "here") {
      const body: unknown = await (await connection.send(pathOf(id))).json();
      const job = ShownJob.parse(body);
      if (job.endedAt !== null) return job;
      if (retries > 0 && retries < RETRIES_MAX) return undefined;
      throw new QuiverError(
        "server-needed",
        `Cannot watch the job ${id}: it is ${job.status}, and no server is running. Start one with "quiver start".`,
        { id, jobStatus: job.status },
      );
    }
    const { readEvents } = await import("../../../shared/client/read-events.ts");
    const response = await connection.send(`${pathOf(id)}/events`, { accept: "text/event-stream" });
    for await (const { name, data } of readEvents(response)) {
      const job = ShownJob.parse(JSON.parse(data));
      if (name === "end") return job;
      show(progress, job);
    }
    return undefined;
  } catch (error) {
    // Killing a server breaks the connection; its job continues at the next start.
    const isBroken = !(error instanceof QuiverError) || error.code === "server-unreachable";
    if (!isBroken || context.signal.aborted || retries >= RETRIES_MAX) throw error;
    return undefined;
  } finally {
    await connection.close();
  }
}

function show(progress: ProgressDisplay, job: ShownJob): void {
  const { stage = "starting", rowsDone = 0, rowCount = 1 } = job.progress ?? {};
  const text = `${job.status}, ${progressText(job)}`;
  progress.update(job.status === "running" ? `running, ${stage}` : text, rowsDone, rowCount, text);
}

function pathOf(id: string): string {
  return `/invocations/${encodeURIComponent(id)}`;
}
