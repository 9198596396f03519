import type { Command } from "commander";
import type { CommandContext } from "../context.ts";

/** What the actions of commands use. */
export interface CommandParts {
  /** Makes the context from the flags before and after the command's name. */
  readonly contextOf: (command: Command) => CommandContext;
  /** Makes the context from flags that the command puts together itself. */
  readonly contextWith: (flags: Readonly<Record<string, unknown>>) => CommandContext;
  readonly exitWith: (code: number) => void;
  readonly done: () => void;
}
