import type { ScheduledEntry, ScheduleView } from "../../schedule/schedule.ts";
import { withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { textTable } from "../text-table.ts";

/** `quiver schedule ls`: shows what is published when, and how its last run ended. */
export async function scheduleLsCommand(context: CommandContext): Promise<void> {
  const { terminal } = context;
  await withConnection(context, "schedule ls", "list", async ({ send, where }) => {
    // The route defines the shape, in this process or in a server of the same version.
    const view = (await (await send("/schedule")).json()) as ScheduleView;
    terminal.out(context.json ? `${JSON.stringify(view)}\n` : scheduleText(view));
    if (view.entries.length > 0 && !view.running && !context.json) {
      const who = where === "here" ? 'No server is running: "quiver start" runs what is due.' : DEV;
      terminal.err(`${who}\n`);
    }
  });
}

const DEV = 'The server does not run the schedule: it was started by "quiver dev" without --with-schedule.';

export function scheduleText({ file, problem, entries }: ScheduleView): string {
  const told = problem === null ? "" : `${problem}\n`;
  if (entries.length > 0) return `${told}${entriesText(entries)}`;
  if (file !== null) return `${told}No entries in ${file}.\n`;
  // A problem is that of a file: that it is gone, for one.
  return problem === null ? NO_FILE : `${told}No entries.\n`;
}

const NO_FILE =
  "No schedule: there is no file schedule.json beside the functions. docs/schedule.md describes its format.\n";

function entriesText(entries: readonly ScheduledEntry[]): string {
  const rows = entries.map((entry) => [
    entry.name,
    entry.cron,
    entry.zone,
    entry.missed,
    entry.functions === "all" ? "(all)" : entry.functions.join(", "),
    entry.dataset ?? "(default)",
    timeText(entry.next[0]),
    lastText(entry),
  ]);
  const head = ["entry", "cron", "zone", "missed", "functions", "dataset", "next", "last"];
  const failures = entries.flatMap(({ name, last }) =>
    last?.message == null ? [] : `${name}: ${last.message}\n`,
  );
  return [textTable(head, rows), ...(failures.length === 0 ? [] : ["\n", ...failures])].join("");
}

function lastText({ last }: ScheduledEntry): string {
  if (last === null) return "never";
  return `${last.outcome ?? "running"} ${timeText(last.endedAt ?? last.startedAt)}`;
}

/** A time without fractions of a second. */
function timeText(time: string | undefined): string {
  return time === undefined ? "" : time.replace(/\.\d+Z$/, "Z");
}
