import type { Command, CommanderError, Option } from "commander";
import { didYouMean, QuiverError } from "../../shared/errors/index.ts";

/** Turns what commander refuses into our own error. A request for help is not a refusal and stays as it is. */
export function usageError(error: CommanderError, command: Command): CommanderError | QuiverError {
  const [, named = ""] = /'([^']*)'/.exec(error.message) ?? [];
  switch (error.code) {
    case "commander.missingArgument":
      return missingArgument(command, named);
    case "commander.optionMissingArgument":
      return optionWithoutValue(optionWith(command, named), named);
    case "commander.missingMandatoryOptionValue":
      return missingOption(command, optionWith(command, named), named);
    case "commander.unknownOption":
      return unknownOption(command, named);
    case "commander.unknownCommand":
      return unknownCommand(command, command.args[0] ?? named);
    case "commander.excessArguments":
      return command.commands.length > 0
        ? unknownCommand(command, command.args[0] ?? "")
        : excessArguments(command);
    default:
      return error;
  }
}

/** Refuses empty words, which are most often unset shell variables: they would end up in a path. */
export function refuseEmptyArguments(command: Command): void {
  const at = command.args.findIndex((word) => word.trim() === "");
  if (at < 0) return;
  const last = command.registeredArguments.length - 1;
  const argument = command.registeredArguments[Math.min(at, last)];
  if (argument === undefined) return;
  const what = argument.description === "" ? "" : ` (${argument.description})`;
  throw refusal(
    `Cannot run "${nameOf(command)}" with ${JSON.stringify(command.args[at])} for <${argument.name()}>${what}: it is empty.${helpOf(command)}`,
    { field: argument.name(), given: command.args[at] },
  );
}

/** Refuses an option whose value is the next option: commander takes whatever follows as the value. */
export function refuseOptionsAsValues(command: Command): void {
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    const values = Array.isArray(value) ? value : [value];
    const next = values.find((one) => typeof one === "string" && optionWith(command, one) !== undefined);
    if (command.getOptionValueSource(option.attributeName()) === "cli" && typeof next === "string") {
      throw optionWithoutValue(option, option.long ?? option.flags, ` ${next} follows it.`);
    }
  }
}

function missingArgument(command: Command, name: string): QuiverError {
  const argument = command.registeredArguments.find((one) => one.name() === name);
  const what = argument === undefined || argument.description === "" ? "" : ` (${argument.description})`;
  const list = LISTS[name] === undefined ? "" : ` ${LISTS[name]}`;
  return refusal(
    `Cannot run "${nameOf(command)}" without <${name}>${what}: expected "${nameOf(command)} ${argumentsOf(command)}".${list}${helpOf(command)}`,
    { field: name },
  );
}

/** How to find the possible values of an argument. */
const LISTS: Readonly<Record<string, string>> = {
  function: '"quiver ls" lists the functions.',
  functions: '"quiver ls" lists the functions.',
  "dataset[/feature]": '"quiver ls" lists the datasets and their feature sets.',
  id: '"quiver jobs" lists the jobs.',
};

function optionWithoutValue(option: Option | undefined, flags: string, why = ""): QuiverError {
  const flag = option?.long ?? flags;
  return refusal(`Cannot use ${flag} without a value: expected ${expectedOf(option, flags)}.${why}`, {
    field: flag,
  });
}

function missingOption(command: Command, option: Option | undefined, flags: string): QuiverError {
  const flag = option?.long ?? flags;
  return refusal(
    `Cannot run "${nameOf(command)}" without ${flag}: expected ${expectedOf(option, flags)}.${helpOf(command)}`,
    { field: flag },
  );
}

function unknownOption(command: Command, given: string): QuiverError {
  const flag = given.replace(/=.*$/s, "");
  if (given !== flag && optionWith(command, flag) !== undefined) {
    return refusal(`Cannot use ${given}: ${flag} takes no value.`, { field: flag, given });
  }
  const known = flagsOf(command);
  const others = everyCommand(rootOf(command)).filter(
    (one) => one !== command && flagsOf(one).includes(flag),
  );
  const owners = others.map((one) => `"${nameOf(one)}"`).join(", ");
  const why = others.length === 0 ? "there is no such option" : `it is an option of ${owners}`;
  return refusal(
    `Cannot use ${flag} with "${nameOf(command)}": ${why}.${didYouMean(flag, known)}${helpOf(command)}`,
    { field: flag, expected: known },
  );
}

function unknownCommand(command: Command, given: string): QuiverError {
  const known = command.commands.map((one) => one.name());
  const meant = OTHER_WORDS[given.toLowerCase()] ?? "";
  const hint = known.includes(meant) ? ` Did you mean "${meant}"?` : didYouMean(given, known);
  return refusal(
    `Cannot run "${nameOf(command)} ${given}": there is no such command.${hint} There ${known.length === 1 ? "is" : "are"} ${known.join(", ")}.`,
    { given, expected: known },
  );
}

/** What other tools call these commands. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  add: "import",
  create: "new",
  delete: "rm",
  init: "new",
  list: "ls",
  load: "import",
  query: "sql",
  remove: "rm",
  run: "invoke",
  serve: "start",
  server: "start",
  status: "jobs",
  test: "check",
  validate: "check",
};

function excessArguments(command: Command): QuiverError {
  const count = command.registeredArguments.length;
  const rest = command.args.slice(count).map((word) => JSON.stringify(word));
  const takes =
    count === 0
      ? "no arguments"
      : `${argumentsOf(command)} only; put quotes around words that belong together`;
  return refusal(
    `Cannot take ${rest.join(" and ")} with "${nameOf(command)}": it takes ${takes}.${helpOf(command)}`,
    { given: command.args },
  );
}

function refusal(message: string, facts: Readonly<Record<string, unknown>>): QuiverError {
  return new QuiverError("request-malformed", message, facts);
}

/** The full name of a command, for example `quiver jobs watch`. */
function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function argumentsOf(command: Command): string {
  return command.registeredArguments
    .map((one) => `${one.name()}${one.variadic ? "..." : ""}`)
    .map((name, index) => (command.registeredArguments[index]?.required === true ? `<${name}>` : `[${name}]`))
    .join(" ");
}

function helpOf(command: Command): string {
  return ` "${nameOf(command)} --help" lists its options.`;
}

/** An option with its description, for example `--limit <rows> (rows to show)`. */
function expectedOf(option: Option | undefined, flags: string): string {
  return option === undefined ? flags : `${option.flags.replace(/^-\w, /, "")} (${option.description})`;
}

function optionWith(command: Command, flags: string): Option | undefined {
  return command.options.find((option) => [option.flags, option.long, option.short].includes(flags));
}

function flagsOf(command: Command): string[] {
  return command.options.flatMap(({ long, short }) => [long, short]).filter((flag) => flag != null);
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

function everyCommand(command: Command): Command[] {
  return command.commands.flatMap((one) => [one, ...everyCommand(one)]);
}
