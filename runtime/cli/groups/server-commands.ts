import type { Command } from "commander";
import { scheduleLsCommand } from "../commands/schedule.ts";
import { serveCommand } from "../commands/serve.ts";
import type { CommandParts } from "./command-parts.ts";

/** The commands that start a server, and that show its schedule. */
export function addServerCommands(program: Command, { contextOf, done }: CommandParts): void {
  for (const [mode, what] of [
    ["start", "serve over HTTP"],
    ["dev", "serve over HTTP, report changed functions and show what handlers print"],
  ] as const) {
    const served = program.command(mode).description(what);
    if (mode === "dev") served.option("--with-schedule", "run the schedule, as start does");
    served.action(async (options: object, command: Command) => {
      await serveCommand(contextOf(command), mode, options);
      done();
    });
  }

  const showSchedule = async (_: object, command: Command) => {
    await scheduleLsCommand(contextOf(command));
    done();
  };
  program
    .command("schedule")
    .description("show the schedule that start runs: what is due when, and how its last run ended")
    .action(showSchedule)
    .command("ls")
    .description("the same")
    .action(showSchedule);
}
