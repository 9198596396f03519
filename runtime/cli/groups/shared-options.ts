import type { Command } from "commander";

/** What may be told about files to import. */
export function importFlags(command: Command): Command {
  return command
    .option("--kind <kind>", "bars (default), series or attributes")
    .option("--tz <zone>", "zone of times written without one, for example America/New_York")
    .option("--stamp <edge>", "whether a bar's time is its start or its end")
    .option("--calendar <name>", "trading calendar")
    .option("--interval <duration>", "length of a bar: 60s, 5min, 1h, or 1d for daily bars")
    .option("--availability <duration>", "delay from a bar's end until it can be known: 30s, 15min, 1h")
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

/** What chooses a function, its parameters and the rows. */
export function selectionOptions(command: Command, argument = "<function>"): Command {
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
    )
    .option("--recompute", "compute although the result is there already");
}

/** What runs a function can be left to the server. */
export function asyncOptions(command: Command): Command {
  return command
    .option("--async", "leave it to the server as a job, and print the job's id")
    .option("--priority <number>", "with --async: among jobs, -100 to 100, the higher the sooner")
    .option("--key <text>", "with --async: the same key and request give the same job");
}

/** Of an option that may be given many times. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
