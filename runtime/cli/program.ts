import { Command, Option } from "commander";
import { SETTING_NAMES, SETTINGS, settingDefault, settingFlag, type SettingName } from "../settings.ts";
import { addJobCommands, asyncOptions } from "./add-job-commands.ts";
import { benchCommand } from "./commands/bench.ts";
import { checkCommand } from "./commands/check.ts";
import { demoCommand } from "./commands/demo.ts";
import { type DeepChecks, doctorCommand } from "./commands/doctor.ts";
import { gcCommand } from "./commands/gc.ts";
import { graphCommand } from "./commands/graph.ts";
import { importCommand } from "./commands/import.ts";
import { invokeCommand } from "./commands/invoke.ts";
import { lsCommand } from "./commands/ls.ts";
import { lsMarkdownCommand } from "./commands/ls-markdown.ts";
import { newCommand } from "./commands/new.ts";
import { publishAllCommand, type PublishAllOptions } from "./commands/publish-all.ts";
import { publishCommand, type PublishCommandOptions } from "./commands/publish.ts";
import { rmCommand } from "./commands/rm.ts";
import { scheduleLsCommand } from "./commands/schedule.ts";
import { serveCommand } from "./commands/serve.ts";
import { sqlCommand } from "./commands/sql.ts";
import { trainingSetCommand, type TrainingSetOptions } from "./commands/training-set.ts";
import { whyCommand } from "./commands/why.ts";
import type { CommandContext } from "./context.ts";
import { oneFunction, refuseMoreThanAFunction, refuseMoreThanAQuery } from "./excess-arguments.ts";
import { refuseAllAsync } from "./order-job.ts";
import { EXIT_CODES } from "./exit-codes.ts";

/** Of one function, or with `--all` of many. */
type PublishOptions = PublishCommandOptions & PublishAllOptions & { readonly all?: boolean };

export interface ProgramHooks {
  /** Makes the context of a command from the flags it was given. */
  readonly context: (flags: Readonly<Record<string, unknown>>) => CommandContext;
  readonly deepChecks: DeepChecks;
  readonly version: string;
}

/** The command line. An action resolves to its exit code, which `onExit` is given. */
export function createProgram(hooks: ProgramHooks, onExit: (code: number) => void): Command {
  const program = new Command("quiver")
    .description("Feature functions over columnar market data, on this machine.")
    .version(hooks.version)
    .option("--runtime <name>", "bun (default) or deno: what runs Quiver")
    // An option belongs to the word before it: `demo --data <files>` is not the setting `--data <directory>`.
    .enablePositionalOptions()
    .showHelpAfterError('"quiver --help" lists the commands, "quiver <command> --help" the options of one.')
    .addHelpText("after", `\nExit codes:\n${exitCodesText()}`)
    .exitOverride();
  addSettings(program, true);

  /** The context, from the flags before and after the command's name. */
  const contextOf = (command: Command) => hooks.context(command.optsWithGlobals());
  const done = () => {
    onExit(EXIT_CODES.done.code);
  };

  importFlags(program.command("import"))
    .description("bring CSV or Parquet files into a dataset; dirt is quarantined and counted")
    .argument("<dataset>", "name of the dataset, made if it is new")
    .argument("<files...>", "CSV (gzip too) or Parquet files, oldest first")
    .action(async (dataset: string, files: string[], options: object, command: Command) => {
      await importCommand(contextOf(command), dataset, files, options);
      done();
    });

  asyncOptions(selection(program.command("invoke")))
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

  asyncOptions(selection(program.command("publish"), "[functions...]"))
    .description("run a function and keep its rows as a version of a feature set")
    .option("--as <name>", "name of the feature set (default: the function's)")
    .option("--replace", "publish although the name holds something else")
    .option("--all", "every function that fits the dataset, or those named and what they read, in order")
    .option("--labels", "with --all: labels too")
    .option("--codec <codec>", "zstd (default) or uncompressed")
    .option("--level <number>", "compression level, 1 to 19")
    .action(async (names: string[], options: PublishOptions, command: Command) => {
      if (options.all === true) {
        refuseAllAsync(options);
        const good = await publishAllCommand(contextOf(command), names, options);
        onExit(good ? EXIT_CODES.done.code : EXIT_CODES.functionFailed.code);
        return;
      }
      refuseMoreThanAFunction(names);
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
    .description("what has changed since a function was last published")
    .argument("<function>", "name of the function")
    .option("--dataset <name>", "dataset it was published on")
    .option("--as <name>", "name of the feature set (default: the function's)")
    .option("--param <name=value>", "one parameter, many", collect)
    .option("--params <json>", "parameters as a JSON object")
    .option("--symbols <list>", "symbols separated by commas (default: all)")
    .option("--as-of <time>", "use what was known then")
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
      onExit(good ? EXIT_CODES.done.code : EXIT_CODES.functionFailed.code);
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

  addJobCommands(program, contextOf, done);

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
    .option("--older-than <duration>", "only what has not been current for so long: 12h, 30d (default: 7d)")
    .option("--dry-run", "tell what would go")
    .action(async (options: object, command: Command) => {
      await gcCommand(contextOf(command), options);
      done();
    });

  for (const [mode, what] of [
    ["start", "serve over HTTP"],
    ["dev", "serve over HTTP, tell which functions change and show what handlers print"],
  ] as const) {
    const served = program.command(mode).description(what);
    if (mode === "dev") served.option("--with-schedule", "publish what the schedule says, as start does");
    served.action(async (options: object, command: Command) => {
      await serveCommand(contextOf(command), mode, options);
      done();
    });
  }

  program
    .command("schedule")
    .description("publications at stated times, which start runs")
    .command("ls")
    .description("what is due when, and how it went last")
    .action(async (_: object, command: Command) => {
      await scheduleLsCommand(contextOf(command));
      done();
    });

  program
    .command("new")
    .description("make a function with a test, ready to change")
    .argument("<name>", "lower-case letters, digits and hyphens")
    .action((name: string, _: object, command: Command) => {
      newCommand(contextOf(command), name);
      done();
    });

  program
    .command("doctor")
    .description("what works here and what does not, and every setting")
    .action(async (_: object, command: Command) => {
      const healthy = await doctorCommand(contextOf(command), hooks.deepChecks);
      onExit(healthy ? EXIT_CODES.done.code : EXIT_CODES.fault.code);
    });

  // Its `--data` takes files, where the setting of that name takes a directory.
  importFlags(program.command("demo"))
    .description("the main job on a made-up market, or on your own files with -- --data <files…>")
    .option("--data <files...>", "CSV or Parquet files of your own")
    .option("--symbols <count>", "symbols of the made-up market (default: 500)")
    .action(async (options: { data?: string[]; symbols?: string }, command: Command) => {
      await demoCommand(
        hooks.context({ ...command.opts(), ...program.opts(), data: program.opts()["data"] }),
        options,
      );
      done();
    });

  program
    .command("bench")
    .description("the benchmarks")
    .allowUnknownOption()
    .argument("[arguments...]")
    .action(async (args: string[], _: object, command: Command) => {
      onExit(await benchCommand(contextOf(command), args));
    });
  for (const command of program.commands.flatMap((one) => [one, ...one.commands]))
    addSettings(command, false);
  return program;
}

export function exitCodesText(): string {
  return Object.values(EXIT_CODES)
    .map(({ code, what }) => `  ${String(code).padEnd(4)}${what}\n`)
    .join("");
}

/** What may be told about files to import. */
function importFlags(command: Command): Command {
  return command
    .option("--kind <kind>", "bars (default), series or attributes")
    .option("--tz <zone>", "zone of times written without one, for example America/New_York")
    .option("--stamp <edge>", "whether a bar's time is its start or its end")
    .option("--calendar <name>", "trading calendar")
    .option("--interval <duration>", "length of a bar: 5m, 1h, 1d, or a number of seconds")
    .option(
      "--availability <duration>",
      "delay from a bar's end until it can be known: 30s, 15m, a number of seconds",
    )
    .option("--map <canonical=source>", "source column of a canonical one, many", collect)
    .option("--ignore <column>", "source column to leave out, many", collect)
    .option("--columns <names>", "names of the columns of files without a header, separated by commas")
    .option("--separator <character>", "separator of a CSV file, if it cannot be recognised")
    .option("--symbol <symbol>", "symbol of all rows, for files without a symbol column")
    .option("--symbol-pattern <regexp>", "finds the symbol in a file's name: one group")
    .option("--known-at <column>", "source column with the time from which a row was known")
    .option("--time-format <format>", "strptime format of the event time")
    .option("--price-scale <number>", "prices are divided by this")
    .option("--allow-non-positive-prices", "keep bars with a price of zero or less")
    .option("--strict", "quarantine out-of-session bars and a vwap outside its bar");
}

function selection(command: Command, argument = "<function>"): Command {
  return command
    .allowExcessArguments()
    .argument(argument, "name of the function")
    .option("--dataset <name>", "dataset to run on")
    .option("--param <name=value>", "one parameter, many", collect)
    .option("--params <json>", "parameters as a JSON object")
    .option("--symbols <list>", "symbols separated by commas (default: all)")
    .option("--symbols-sql <query>", "symbols as a query with one text column")
    .option("--from <time>", "first time of the output, inclusive; never changes a value")
    .option("--to <time>", "end of the output, exclusive; never changes a value")
    .option("--as-of <time>", "use what was known then")
    .option(
      "--input <name=dataset:x>",
      "bind an input to a dataset or, with function:y, to a function, many",
      collect,
    );
}

/** Every command takes every setting; only the program's own help lists them. */
function addSettings(command: Command, listed: boolean): void {
  command.option("--json", "machine-readable output, errors included");
  command.optionsGroup("Settings:");
  const taken = command.options.map((option) => option.long);
  for (const name of SETTING_NAMES.filter((it) => !taken.includes(settingFlag(it)))) {
    command.addOption(settingOption(name).hideHelp(!listed));
  }
}

function settingOption(name: SettingName): Option {
  const { kind, help } = SETTINGS[name];
  const value = settingDefault(name);
  const shown = value === "" ? "" : ` (default: ${value})`;
  return new Option(`${settingFlag(name)} <${kind}>`, `${help}${shown}`);
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
