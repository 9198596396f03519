import { existsSync } from "node:fs";
import type { Connection } from "./connect.ts";
import type { CommandContext } from "./context.ts";

/** Says that no function was found. Which folder a live server reads is not known here. */
export function noFunctionsText(where: Connection["where"], { settings }: CommandContext): string {
  const missing = where === "here" ? missingFunctions(settings.functions) : undefined;
  return `No functions ${missing ?? "yet"}: "quiver new my-feature" makes one.`;
}

/** Says that a folder of functions does not exist; undefined if it does. */
export function missingFunctions(folder: string): string | undefined {
  return existsSync(folder) ? undefined : `in ${folder}, which does not exist (--functions)`;
}
