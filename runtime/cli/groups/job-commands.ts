import type { Command } from "commander";
import {
  cancelJobCommand,
  jobLogsCommand,
  jobResultCommand,
  jobsCommand,
  watchJobCommand,
} from "../commands/jobs.ts";
import type { CommandParts } from "./command-parts.ts";

/** `quiver jobs`, and the commands for one job. */
export function addJobCommands(program: Command, { contextOf, done }: CommandParts): void {
  const listing = (command: Command) =>
    command
      .option("--status <status>", "queued, running, succeeded, failed or cancelled")
      .option("--function <name>", "only jobs of this function")
      .option("--limit <count>", "jobs to list (default: 100)")
      .action(async (options: object, called: Command) => {
        await jobsCommand(contextOf(called), options);
        done();
      });
  const jobs = listing(
    program
      .command("jobs")
      .description("list jobs, or watch, cancel, show the log or fetch the result of one"),
  );
  listing(jobs.command("ls").description("the same"));
  for (const [name, what, run] of [
    ["watch", "show the progress of a job until it ends", watchJobCommand],
    ["cancel", "end a job", cancelJobCommand],
    ["logs", "print the end of what its handlers printed", jobLogsCommand],
  ] as const) {
    jobs
      .command(name)
      .description(what)
      .argument("<id>", "id of the job")
      .action(async (id: string, _: object, command: Command) => {
        await run(contextOf(command), id);
        done();
      });
  }
  jobs
    .command("result")
    .description("fetch the rows of a finished job, or the manifest of what it published")
    .argument("<id>", "id of the job")
    .option("--format <format>", "arrow, arrow.file, parquet, csv (default), ndjson or json")
    .option("-o, --output <file>", "write to a file; its extension decides the format")
    .action(async (id: string, _: object, command: Command) => {
      await jobResultCommand(contextOf(command), id, command.optsWithGlobals());
      done();
    });
}
