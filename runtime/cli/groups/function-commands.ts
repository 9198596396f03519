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

/** Of one function, or with `--all` of many. */
type PublishOptions = PublishCommandOptions & PublishAllOptions & { readonly all?: boolean };

/** What is done with functions: run, published, looked at, checked, made. */
export function addFunctionCommands(program: Command, { contextOf, exitWith, done }: CommandParts): void {
  asyncOptions(selectionOptions(program.command("invoke")))
    .description("run a function and show, save or pipe its rows")
    .option("--format <format>", "arrow, arrow.file, parquet, csv, ndjson or json")
    .option("-o, --output <file>", "write to a file; its ending tells the format")
    .option("--limit <rows>", "rows to show; with -o or --format, refuse a result with more than this")
    .option("--explain", "print the plan instead of running it")
    .action(async (name: string, options: object, command: Command) => {
      refuseMoreThanAFunction(command.args);
      await invokeCommand(contextOf(command), name, options);
      done();
    });

  asyncOptions(selectionOptions(program.command("publish"), "[functions...]"))
    .description("run a function and keep its rows as a version of a feature set")
    .option("--as <name>", "name of the feature set (default: the function's)")
    .option("--replace", "publish although the name holds something else")
    .option("--all", "every function that fits the dataset, or those named and what they read, in order")
    .option("--labels", "with --all: labels too")
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
      refuseMoreThanAFunction(names, " Several functions are published with --all before them.");
      const name = oneFunction(names);
      await publishCommand(contextOf(command), name, options);
      done();
    });

  program
    .command("graph")
    .description("what reads what, in the order it would run")
    .argument("[functions...]", "these and what they read (default: all)")
    .option("--mermaid", "as a Mermaid flow chart")
    .action(async (names: string[], options: object, command: Command) => {
      await graphCommand(contextOf(command), names, options);
      done();
    });

  program
    .command("why")
    .description(
      "what has changed since a function was last published, with what it was published with unless told otherwise",
    )
    .argument("<function>", "name of the function")
    .option("--dataset <name>", "dataset it was published on")
    .option("--as <name>", "name of the feature set (default: the function's)")
    .option("--param <name=value>", "one parameter, many", collect)
    .option("--params <json>", "parameters as a JSON object")
    .option("--symbols <list>", "symbols separated by commas")
    .option("--from <time>", "first time, inclusive")
    .option("--to <time>", "end, exclusive")
    .option("--as-of <time>", "use what was known then")
    .option("--input <name=…>", "name=dataset:x or name=function:y", collect)
    .action(async (name: string, options: object, command: Command) => {
      await whyCommand(contextOf(command), name, options);
      done();
    });

  program
    .command("check")
    .description(
      "whether functions keep what they promise: no look-ahead, the same bits however they are run",
    )
    .argument("<functions...>", "names of functions")
    .option("--dataset <name>", "sample this dataset instead of making up a market")
    .option("--symbols <list>", "symbols of it, separated by commas")
    .option("--param <name=value>", "one parameter, many", collect)
    .option("--params <json>", "parameters as a JSON object")
    .action(async (names: string[], options: object, command: Command) => {
      const good = await checkCommand(contextOf(command), names, options);
      exitWith(good ? EXIT_CODES.done.code : EXIT_CODES.functionFailed.code);
    });

  program
    .command("new")
    .description("make a function with a test, ready to change")
    .argument("<name>", "lower-case letters, digits and hyphens")
    .action((name: string, _: object, command: Command) => {
      newCommand(contextOf(command), name);
      done();
    });
}
