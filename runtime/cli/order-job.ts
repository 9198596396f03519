import { z } from "zod";
import { defined } from "../../shared/defined.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import { JOB_STATUSES } from "../store/job-status.ts";
import { findLiveServer } from "../store/server-file.ts";
import { type Connection, withConnection } from "./connect.ts";
import type { CommandContext } from "./context.ts";
import { refusedOption } from "./refused-option.ts";
import { type RecomputeOption, recomputeHeaders } from "./selection-options.ts";

/** `--async` and the options that it adds to a command. */
export interface OrderOptions extends RecomputeOption {
  readonly async?: boolean;
  readonly priority?: string;
  readonly key?: string;
}

const Ordered = z.looseObject({
  id: z.string(),
  status: z.enum(JOB_STATUSES),
  kind: z.enum(["invoke", "publish"]),
  error: z.looseObject({ detail: z.string() }).nullable(),
});

/** `--async`: hands the work to the server, and prints the job's id and URL. */
export async function orderJob(
  context: CommandContext,
  command: string,
  name: string,
  json: Readonly<Record<string, unknown>>,
  options: OrderOptions,
): Promise<void> {
  const { terminal } = context;
  await needServer(context, `quiver ${command} ${name} --async`);
  return withConnection(context, `${command} --async`, "write", async (connection) => {
    const { job, url } = await submitJob(connection, name, json, options);
    if (context.json) {
      terminal.out(`${JSON.stringify({ ...job, url })}\n`);
      return;
    }
    terminal.out(`${job.id} ${url}\n`);
    terminal.err(nextText(job));
  });
}

/** Says what to do next. With a key that was used before, the job may have ended long ago. */
function nextText({ id, status, kind, error }: z.output<typeof Ordered>): string {
  const again = "To run it again, order it with another --key.";
  if (status === "failed") return `This job has failed already. ${again}\n${error?.detail}\n`;
  if (status === "cancelled") return `This job was cancelled. ${again}\n`;
  const result = `"quiver jobs result ${id}${kind === "invoke" ? " -o <file>" : ""}"`;
  if (status === "succeeded") return `This job has succeeded already: ${result} fetches its result.\n`;
  return `"quiver jobs watch ${id}" shows its progress.\n`;
}

/** Refuses to order a job if no server is running that could do it. */
export async function needServer({ settings }: CommandContext, line: string): Promise<void> {
  if ((await findLiveServer(settings.data)) !== undefined) return;
  throw new QuiverError(
    "server-needed",
    `Cannot run "${line}": no server is running for the data directory ${settings.data}. Start one with "quiver start", or leave --async out and wait.`,
    { data: settings.data },
  );
}

/** Orders one job, and resolves to the server's record of it and its URL. */
export async function submitJob(
  { send, url }: Connection,
  name: string,
  json: Readonly<Record<string, unknown>>,
  options: OrderOptions,
): Promise<{ readonly job: z.output<typeof Ordered>; readonly url: string }> {
  const { priority, key } = options;
  const response = await send(`/functions/${encodeURIComponent(name)}`, {
    method: "POST",
    json,
    query: { priority },
    headers: {
      Prefer: "respond-async",
      ...defined({ "Idempotency-Key": key }),
      ...recomputeHeaders(options),
    },
  });
  const body: unknown = await response.json();
  return { job: Ordered.parse(body), url: `${url}${response.headers.get("Location") ?? ""}` };
}

/** Refuses options that say how to deliver rows: `quiver jobs result` takes them. */
export function refuseWithAsync(options: Readonly<Record<string, string | undefined>>): void {
  const given = Object.keys(options).find((option) => options[option] !== undefined);
  if (given === undefined) return;
  throw refusedOption(given, options[given] ?? "", 'none with --async: "quiver jobs result <id>" takes it');
}

export function refuseWithoutAsync({ priority, key }: OrderOptions): void {
  if (priority !== undefined) throw refusedOption("--priority", priority, "none without --async");
  if (key !== undefined) throw refusedOption("--key", key, "none without --async");
}
