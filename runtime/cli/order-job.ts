import { z } from "zod";
import { QuiverError } from "../../shared/errors/index.ts";
import { findLiveServer } from "../store/server-file.ts";
import { withConnection } from "./connect.ts";
import type { CommandContext } from "./context.ts";
import { refusedOption } from "./refused-option.ts";

/** What `--async` takes besides what the command takes anyway. */
export interface OrderOptions {
  readonly async?: boolean;
  readonly priority?: string;
  readonly key?: string;
}

const Ordered = z.looseObject({ id: z.string() });

/** `--async`: hands the work to the server, and prints the id of the job and where it can be asked after. */
export async function orderJob(
  context: CommandContext,
  command: string,
  name: string,
  json: Readonly<Record<string, unknown>>,
  { priority, key }: OrderOptions,
): Promise<void> {
  const { settings, terminal } = context;
  if ((await findLiveServer(settings.data)) === undefined) {
    throw new QuiverError(
      "server-needed",
      `Cannot run "quiver ${command} ${name} --async": no server works on the data directory ${settings.data}. Start one with "quiver start", or leave --async out and wait.`,
      { data: settings.data },
    );
  }
  return withConnection(context, `${command} --async`, "write", async ({ send, url }) => {
    const response = await send(`/functions/${encodeURIComponent(name)}`, {
      method: "POST",
      json,
      query: { priority },
      headers: { Prefer: "respond-async", ...(key === undefined ? {} : { "Idempotency-Key": key }) },
    });
    const body: unknown = await response.json();
    const { id } = Ordered.parse(body);
    const at = `${url}${response.headers.get("Location") ?? ""}`;
    if (context.json) {
      terminal.out(`${JSON.stringify({ ...Ordered.parse(body), url: at })}\n`);
      return;
    }
    terminal.out(`${id} ${at}\n`);
    terminal.err(`"quiver jobs watch ${id}" shows how far it is.\n`);
  });
}

/** How rows are delivered is told where they are fetched. */
export function refuseWithAsync(options: Readonly<Record<string, string | undefined>>): void {
  const given = Object.keys(options).find((option) => options[option] !== undefined);
  if (given === undefined) return;
  throw refusedOption(given, options[given] ?? "", 'none with --async: "quiver jobs result <id>" takes it');
}

export function refuseWithoutAsync({ priority, key }: OrderOptions): void {
  if (priority !== undefined) throw refusedOption("--priority", priority, "none without --async");
  if (key !== undefined) throw refusedOption("--key", key, "none without --async");
}

/** A job is one function's. */
export function refuseAllAsync({ async: isAsync }: OrderOptions): void {
  if (isAsync === true) throw refusedOption("--async", "--all", "one function, or --all without --async");
}
