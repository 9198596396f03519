import type { Command } from "commander";
import { gcCommand } from "../commands/gc.ts";
import { importCommand } from "../commands/import.ts";
import { lsCommand } from "../commands/ls.ts";
import { lsMarkdownCommand } from "../commands/ls-markdown.ts";
import { rmCommand } from "../commands/rm.ts";
import { sqlCommand } from "../commands/sql.ts";
import { trainingSetCommand, type TrainingSetOptions } from "../commands/training-set.ts";
import { refuseMoreThanAQuery } from "../excess-arguments.ts";
import type { CommandParts } from "./command-parts.ts";
import { importFlags } from "./shared-options.ts";

/** The commands that import, list, query, join and remove data. */
export function addDataCommands(program: Command, { contextOf, done }: CommandParts): void {
  importFlags(program.command("import"))
    .description("import CSV or Parquet files into a dataset; bad rows are quarantined and counted")
    .argument("<dataset>", "name of the dataset, which is created if it is new")
    .argument("<files...>", "CSV (optionally gzipped) or Parquet files, oldest first")
    .action(async (dataset: string, files: string[], options: object, command: Command) => {
      await importCommand(contextOf(command), dataset, files, options);
      done();
    });

  program
    .command("ls")
    .description("list functions and datasets, or what is in one dataset")
    .argument("[dataset]")
    .option(
      "--markdown [directory]",
      "print a Markdown page for each function, or write the pages to a directory",
    )
    .action(async (dataset: string | undefined, options: { markdown?: string | true }, command: Command) => {
      const { markdown } = options;
      if (markdown === undefined) await lsCommand(contextOf(command), dataset);
      else await lsMarkdownCommand(contextOf(command), markdown === true ? undefined : markdown);
      done();
    });

  program
    .command("sql")
    .description("query raw and feature data")
    .argument("<query>", 'for example "select * from demo.bars limit 5"')
    .option("--format <format>", "arrow, arrow.file, parquet, csv, ndjson or json")
    .option("-o, --output <file>", "write to a file; its extension decides the format")
    .option("--limit <rows>", "rows to show; with -o or --format, refuse a result with more rows")
    .allowExcessArguments()
    .action(async (query: string, options: object, command: Command) => {
      refuseMoreThanAQuery(command.args);
      await sqlCommand(contextOf(command), query, options);
      done();
    });

  program
    .command("training-set")
    .description("join rows of (symbol, ts) with the features known at each ts")
    .argument("<entities>", "CSV, Parquet or Arrow file with the columns symbol and ts")
    .requiredOption("--features <list>", "<dataset>:<set>[@<version>][.<column>], separated by commas")
    .option("--labels <list>", "labels, named the same way")
    .option("--tz <zone>", "zone of times that name none, for example America/New_York")
    .option("--max-age <duration>", "give nulls instead of bars older than this, for example 5d")
    .option(
      "--restated <policy>",
      "hold (default): null until all inputs of a value were known; allow: restated values too",
    )
    .option("--split <times>", "test periods: times for walk-forward rounds, or ranges from..to")
    .option("--folds <column>", "test folds: the values of a column of the entity rows")
    .option("--horizon <bars or duration>", 'how far labels look ahead, for example "5 bars" or 7d')
    .option("--embargo <duration>", "time after a test period whose rows are not trained on")
    .option("--format <format>", "arrow, arrow.file, parquet, csv, ndjson or json")
    .option("-o, --output <file>", "write to a file; its extension decides the format")
    .option("--limit <rows>", "rows to show; with -o or --format, refuse a result with more rows")
    .action(async (entities: string, options: TrainingSetOptions, command: Command) => {
      await trainingSetCommand(contextOf(command), entities, options);
      done();
    });

  program
    .command("rm")
    .description("remove a dataset with all its feature sets, or one feature set")
    .argument("<dataset[/feature]>", "for example us-daily, or us-daily/rsi-macd")
    .option("--yes", "do not ask")
    .action(async (what: string, options: object, command: Command) => {
      await rmCommand(contextOf(command), what, options);
      done();
    });

  program
    .command("gc")
    .description("free space: remove versions that are neither current nor recent, and cached results")
    .option("--keep <versions>", "keep this many of the newest versions of each feature set (default: 2)")
    .option(
      "--older-than <duration>",
      "only versions that have not been current, and results that have not been used, for this long: 90s, 12h, 30d (default: 7d)",
    )
    .option("--max-bytes <size>", "remove further versions until the rest fit into this: 500MiB, 20GiB")
    .option("--dry-run", "print what would be removed")
    .action(async (options: object, command: Command) => {
      await gcCommand(contextOf(command), options);
      done();
    });
}
