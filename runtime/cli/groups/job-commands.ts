import type { Command } from "commander";
import {
  cancelJobCommand,
  jobLogsCommand,
  jobResultCommand,
  jobsCommand,
  watchJobCommand,
} from "../commands/jobs.ts";
import type { CommandParts } from "./command-parts.ts";

/** `quiver jobs`, and what can be done with one of them. */
export function addJobCommands(program: Command, { contextOf, done }: CommandParts): void {
  const jobs = program
    .command("jobs")
    .description("list jobs, or watch, cancel, log or fetch the result of one")
    .option("--status <status>", "queued, running, succeeded, failed or cancelled")
    .option("--function <name>", "jobs of this function")
    .option("--limit <count>", "jobs to list (default: 100)")
    .action(async (options: object, command: Command) => {
      await jobsCommand(contextOf(command), options);
      done();
    });
  for (const [name, what, run] of [
    ["watch", "show how far a job is until it has ended", watchJobCommand],
    ["cancel", "end a job", cancelJobCommand],
    ["logs", "the last of what its handlers printed", jobLogsCommand],
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
    .description("the rows of a job that has ended, or the manifest of what it published")
    .argument("<id>", "id of the job")
    .option("--format <format>", "arrow, arrow.file, parquet, csv (default), ndjson or json")
    .option("-o, --output <file>", "write to a file; its ending tells the format")
    .action(async (id: string, _: object, command: Command) => {
      await jobResultCommand(contextOf(command), id, command.optsWithGlobals());
      done();
    });
}
