import type { Command } from "commander";
import { checkCommand } from "../commands/check.ts";
import { graphCommand } from "../commands/graph.ts";
import { invokeCommand } from "../commands/invoke.ts";
import { newCommand } from "../commands/new.ts";
import { publishAllAsyncCommand } from "../commands/publish-all-async.ts";
import { publishAllCommand, type PublishAllOptions } from "../commands/publish-all.ts";
import { publishCommand, type PublishCommandOptions } from "../commands/publish.ts";
import { whyCommand } from "../commands/why.ts";
import {
  oneFunction,
  refuseMoreThanAFunction,
  refuseOfMany,
  refuseOfOneFunction,
} from "../excess-arguments.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { refuseWithoutAsync } from "../order-job.ts";
import type { CommandParts } from "./command-parts.ts";
import { asyncOptions, collect, selectionOptions } from "./shared-options.ts";

/** The options for one function, or with `--all` for many. */
type PublishOptions = PublishCommandOptions & PublishAllOptions & { readonly all?: boolean };

/** The commands that run, publish, inspect, check and create functions. */
export function addFunctionCommands(program: Command, { contextOf, exitWith, done }: CommandParts): void {
  asyncOptions(selectionOptions(program.command("invoke")))
    .description("run a function and show, save or pipe its rows")
    .option("--format <format>", "arrow, arrow.file, parquet, csv, ndjson or json")
    .option("-o, --output <file>", "write to a file; its extension decides the format")
    .option("--limit <rows>", "rows to show; with -o or --format, refuse a result with more rows")
    .option("--explain", "print the plan instead of running it")
    .action(async (name: string, options: object, command: Command) => {
      refuseMoreThanAFunction(command.args);
      await invokeCommand(contextOf(command), name, options);
      done();
    });

  asyncOptions(selectionOptions(program.command("publish"), "[functions...]"))
    .description("run a function and store its rows as a version of a feature set")
    .option("--as <name>", "name of the feature set (default: the function's)")
    .option("--replace", "publish even if another function owns the name")
    .option(
      "--all",
      "publish every function that fits the dataset, or the named ones and what they read, in order",
    )
    .option("--labels", "with --all: include labels")
    .option("--codec <codec>", "zstd (default) or uncompressed")
    .option("--level <number>", "compression level, 1 to 19")
    .action(async (names: string[], options: PublishOptions, command: Command) => {
      if (options.all === true) {
        refuseOfOneFunction(options);
        const isJobs = options.async === true;
        if (!isJobs) refuseWithoutAsync(options);
        const publishAll = isJobs ? publishAllAsyncCommand : publishAllCommand;
        exitWith(await publishAll(contextOf(command), names, options));
        return;
      }
      refuseOfMany(options);
      refuseMoreThanAFunction(names, " To publish several functions, put --all before them.");
      const name = oneFunction(names);
      await publishCommand(contextOf(command), name, options);
      done();
    });

  program
    .command("graph")
    .description("show which function reads which, in the order they run")
    .argument("[functions...]", "functions to show with what they read (default: all)")
    .option("--mermaid", "print a Mermaid flow chart")
    .action(async (names: string[], options: object, command: Command) => {
      await graphCommand(contextOf(command), names, options);
      done();
    });

  program
    .command("why")
    .description(
      "compare a function with its published version, using the parameters it was published with unless you pass others",
    )
    .argument("<function>", "name of the function")
    .option("--dataset <name>", "dataset it was published on")
    .option("--as <name>", "name of the feature set (default: the function's)")
    .option("--param <name=value>", "one parameter; may be repeated", collect)
    .option("--params <json>", "parameters as a JSON object")
    .option("--symbols <list>", "symbols separated by commas")
    .option("--from <time>", "first time, inclusive")
    .option("--to <time>", "end, exclusive")
    .option("--as-of <time>", "use only what was known at this time")
    .option("--input <name=…>", "name=dataset:x or name=function:y; may be repeated", collect)
    .action(async (name: string, options: object, command: Command) => {
      await whyCommand(contextOf(command), name, options);
      done();
    });

  program
    .command("check")
    .description("test that functions do not look ahead, and give the same bits however they are run")
    .argument("<functions...>", "names of functions")
    .option("--dataset <name>", "sample this dataset instead of making up a market")
    .option("--symbols <list>", "symbols of that dataset, separated by commas")
    .option("--param <name=value>", "one parameter; may be repeated", collect)
    .option("--params <json>", "parameters as a JSON object")
    .action(async (names: string[], options: object, command: Command) => {
      const good = await checkCommand(contextOf(command), names, options);
      exitWith(good ? EXIT_CODES.done.code : EXIT_CODES.functionFailed.code);
    });

  program
    .command("new")
    .description("create a function with a test, ready to edit")
    .argument("<name>", "name in lower-case letters, digits and hyphens")
    .action((name: string, _: object, command: Command) => {
      newCommand(contextOf(command), name);
      done();
    });
}
