import type { Command } from "commander";
import type { CommandContext } from "../context.ts";

/** What the actions of commands are made of. */
export interface CommandParts {
  /** The context, from the flags before and after the command's name. */
  readonly contextOf: (command: Command) => CommandContext;
  /** The context, from flags put together otherwise. */
  readonly contextWith: (flags: Readonly<Record<string, unknown>>) => CommandContext;
  readonly exitWith: (code: number) => void;
  readonly done: () => void;
}
