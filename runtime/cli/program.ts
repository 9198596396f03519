import { Command, Option } from "commander";
import {
  SETTING_NAMES,
  SETTINGS,
  settingDefault,
  settingFlag,
  type SettingName,
  settingPlaceholder,
} from "../settings.ts";
import type { CommandContext } from "./context.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { CommandParts } from "./groups/command-parts.ts";
import { addDataCommands } from "./groups/data-commands.ts";
import { addFunctionCommands } from "./groups/function-commands.ts";
import { addJobCommands } from "./groups/job-commands.ts";
import { addMachineCommands } from "./groups/machine-commands.ts";
import { addServerCommands } from "./groups/server-commands.ts";
import { refuseEmptyArguments, refuseOptionsAsValues, usageError } from "./usage-error.ts";

export interface ProgramHooks {
  /** Makes a command's context from its flags. */
  readonly context: (flags: Readonly<Record<string, unknown>>) => CommandContext;
  readonly version: string;
}

/** Makes the command line. Every action passes its exit code to `onExit`. */
export function createProgram(hooks: ProgramHooks, onExit: (code: number) => void): Command {
  const program = new Command("quiver")
    .description("Feature functions over columnar market data, on this machine.")
    .version(hooks.version)
    .option("--runtime <name>", "bun (default) or deno: what runs Quiver")
    // An option belongs to the word before it: in `demo --data <files>`, it is not the setting `--data <directory>`.
    .enablePositionalOptions()
    .addHelpText("after", `\nExit codes:\n${exitCodesText()}`)
    .hook("preAction", (_, command) => {
      refuseEmptyArguments(command);
      refuseOptionsAsValues(command);
    });
  addSettings(program, true);

  const parts: CommandParts = {
    contextOf: (command) => {
      const flags = flagsOf(command);
      return { ...hooks.context(flags), flags };
    },
    contextWith: hooks.context,
    exitWith: onExit,
    done: () => {
      onExit(EXIT_CODES.done.code);
    },
  };
  for (const [heading, add] of GROUPS) {
    program.commandsGroup(`${heading}:`);
    add(program, parts);
  }
  const commands = program.commands.flatMap((one) => [one, ...one.commands]);
  for (const command of commands) addSettings(command, false);
  for (const command of [program, ...commands]) throwUsageErrors(command);
  return program;
}

/** The flags of a command and of those above it. If a flag occurs twice, the one nearest to the command wins. */
function flagsOf(command: Command): Record<string, unknown> {
  return { ...(command.parent === null ? {} : flagsOf(command.parent)), ...command.opts() };
}

/** In the order in which the help lists them. */
const GROUPS = [
  ["Functions", addFunctionCommands],
  ["Data", addDataCommands],
  ["Server", addServerCommands],
  ["Jobs", addJobCommands],
  ["This machine", addMachineCommands],
] as const;

/** Makes commander throw its refusals as our own errors instead of printing them. */
function throwUsageErrors(command: Command): void {
  command.configureOutput({ outputError: () => undefined }).exitOverride((error) => {
    throw usageError(error, command);
  });
}

function exitCodesText(): string {
  return Object.values(EXIT_CODES)
    .map(({ code, what }) => `  ${String(code).padEnd(4)}${what}\n`)
    .join("");
}

/** Every command accepts every setting; only the help of the program lists them. */
function addSettings(command: Command, listed: boolean): void {
  command.option("--json", "machine-readable output, errors included");
  command.optionsGroup("Settings:");
  const taken = command.options.map((option) => option.long);
  for (const name of SETTING_NAMES.filter((it) => !taken.includes(settingFlag(it)))) {
    command.addOption(settingOption(name).hideHelp(!listed));
  }
}

function settingOption(name: SettingName): Option {
  const value = settingDefault(name);
  const shown = value === "" ? "" : ` (default: ${value})`;
  return new Option(`${settingFlag(name)} <${settingPlaceholder(name)}>`, `${SETTINGS[name].help}${shown}`);
}
