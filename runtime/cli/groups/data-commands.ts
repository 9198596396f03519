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

/** What is done with data: brought in, listed, queried, joined, removed. */
export function addDataCommands(program: Command, { contextOf, done }: CommandParts): void {
  importFlags(program.command("import"))
    .description("bring CSV or Parquet files into a dataset; dirt is quarantined and counted")
    .argument("<dataset>", "name of the dataset, made if it is new")
    .argument("<files...>", "CSV (gzip too) or Parquet files, oldest first")
    .action(async (dataset: string, files: string[], options: object, command: Command) => {
      await importCommand(contextOf(command), dataset, files, options);
      done();
    });

  program
    .command("ls")
    .description("list functions and datasets, or what is in one dataset")
    .argument("[dataset]")
    .option("--markdown [directory]", "pages of all functions as Markdown, written to a directory or shown")
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
    .option("-o, --output <file>", "write to a file; its ending tells the format")
    .option("--limit <rows>", "rows to show; with -o or --format, refuse a result with more than this")
    .allowExcessArguments()
    .action(async (query: string, options: object, command: Command) => {
      refuseMoreThanAQuery(command.args);
      await sqlCommand(contextOf(command), query, options);
      done();
    });

  program
    .command("training-set")
    .description("join rows of (symbol, ts) with the features that were known at each")
    .argument("<entities>", "CSV, Parquet or Arrow file with the columns symbol and ts")
    .requiredOption("--features <list>", "<dataset>:<set>[@<version>][.<column>], with commas in between")
    .option("--labels <list>", "labels, named the same way")
    .option("--tz <zone>", "zone of times written without one, for example America/New_York")
    .option("--max-age <duration>", "nulls for bars that ended longer ago, for example 5d")
    .option(
      "--restated <policy>",
      "hold (default): no value before all it rests on was known; allow: restated values too",
    )
    .option("--split <times>", "test sides: moments for walk-forward rounds, or stretches from..to")
    .option("--folds <column>", "test sides: the values of a column of the rows")
    .option("--horizon <bars or duration>", 'how far labels look ahead, for example "5 bars" or 7d')
    .option("--embargo <duration>", "time after a test side in which rows do not train")
    .option("--format <format>", "arrow, arrow.file, parquet, csv, ndjson or json")
    .option("-o, --output <file>", "write to a file; its ending tells the format")
    .option("--limit <rows>", "rows to show; with -o or --format, refuse a result with more than this")
    .action(async (entities: string, options: TrainingSetOptions, command: Command) => {
      await trainingSetCommand(contextOf(command), entities, options);
      done();
    });

  program
    .command("rm")
    .description("remove a dataset with what was published of it, or one feature set")
    .argument("<dataset[/feature]>", "for example us-daily, or us-daily/rsi-macd")
    .option("--yes", "do not ask")
    .action(async (what: string, options: object, command: Command) => {
      await rmCommand(contextOf(command), what, options);
      done();
    });

  program
    .command("gc")
    .description("make room: remove versions that are neither current nor new, and results kept in case")
    .option("--keep <versions>", "newest versions of each feature set that stay (default: 2)")
    .option(
      "--older-than <duration>",
      "only versions that were not current, and results that nobody wanted, for so long: 12h, 30d (default: 7d)",
    )
    .option("--max-bytes <size>", "more versions than that, until all take so much at most: 500MiB, 20GiB")
    .option("--dry-run", "tell what would go")
    .action(async (options: object, command: Command) => {
      await gcCommand(contextOf(command), options);
      done();
    });
}
