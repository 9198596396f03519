import type { Command } from "commander";

/** The options that describe files to import. */
export function importFlags(command: Command): Command {
  return command
    .option("--kind <kind>", "bars (default), series or attributes")
    .option("--tz <zone>", "zone of times that name none, for example America/New_York")
    .option("--stamp <edge>", "whether a bar's time is its start or end: start or end")
    .option("--calendar <name>", "trading calendar")
    .option("--interval <duration>", "length of a bar: 60s, 5min, 1h, or 1d for daily bars")
    .option("--availability <duration>", "delay from a bar's end until it is known: 30s, 15min, 1h")
    .option("--map <canonical=source>", "source column of a canonical one; may be repeated", collect)
    .option("--ignore <column>", "source column to leave out; may be repeated", collect)
    .option("--columns <names>", "column names, separated by commas, of files without a header")
    .option("--separator <character>", "separator of a CSV file, if it is not detected")
    .option("--symbol <symbol>", "symbol of all rows, for files without a symbol column")
    .option("--symbol-pattern <regexp>", "regular expression whose one group is the symbol in a file's name")
    .option("--known-at <column>", "source column with the time at which a row became known")
    .option("--time-format <format>", "strptime format of the event time")
    .option("--price-scale <number>", "divide prices by this")
    .option("--allow-non-positive-prices", "keep bars with a price of zero or less")
    .option("--strict", "quarantine out-of-session bars and a vwap outside its bar");
}

/** The options that choose a function, its parameters and rows. */
export function selectionOptions(command: Command, argument = "<function>"): Command {
  return command
    .allowExcessArguments()
    .argument(argument, "name of the function")
    .option("--dataset <name>", "dataset to run on")
    .option("--param <name=value>", "one parameter; may be repeated", collect)
    .option("--params <json>", "parameters as a JSON object")
    .option("--symbols <list>", "symbols separated by commas (default: all)")
    .option("--symbols-sql <query>", "SQL query whose one text column lists the symbols")
    .option("--from <time>", "first time of the output, inclusive; never changes a value")
    .option("--to <time>", "end of the output, exclusive; never changes a value")
    .option("--as-of <time>", "use only what was known at this time")
    .option(
      "--input <name=dataset:x>",
      "bind an input to a dataset or, with function:y, to a function; may be repeated",
      collect,
    )
    .option("--recompute", "compute even if the result is cached or published");
}

/** The options that make the server run a function as a job. */
export function asyncOptions(command: Command): Command {
  return command
    .option("--async", "run it on the server as a job, and print the job's id")
    .option("--priority <number>", "with --async: from -100 to 100; jobs with a higher priority run first")
    .option("--key <text>", "with --async: repeating a key and request returns the same job");
}

/** Collects the values of an option that may be repeated. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
