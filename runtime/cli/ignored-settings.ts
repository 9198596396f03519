import { resolve } from "node:path";
import { SETTING_NAMES, SETTINGS, settingFlag, type SettingName, type Settings } from "../settings.ts";
import type { ServerFile } from "../store/server-file.ts";
import type { CommandContext } from "./context.ts";

/** Settings that matter to a command even when a server does the work. */
const OWN: readonly SettingName[] = ["data", "token"];

/** The settings a server publishes for commands to compare theirs with; its paths are absolute. */
export function comparedSettings(settings: Settings): Readonly<Record<string, string | number>> {
  return Object.fromEntries(comparedNames().map((name) => [name, comparable(name, settings[name])]));
}

/** One line for each setting that was given with a command and that the live server has with another value. */
export function ignoredSettingsText(
  { settings, flags = {} }: CommandContext,
  { url, pid, settings: its = {} }: ServerFile,
): string {
  return comparedNames()
    .filter((name) => flags[name] !== undefined && its[name] !== undefined)
    .filter((name) => comparable(name, settings[name]) !== its[name])
    .map(
      (name) =>
        `${settingFlag(name)} ${String(flags[name])} has no effect: the server on ${url} (process ${pid}) uses ${String(its[name])}.\n`,
    )
    .join("");
}

function comparedNames(): SettingName[] {
  return SETTING_NAMES.filter((name) => !OWN.includes(name));
}

function comparable(name: SettingName, value: string | number): string | number {
  const isPath = SETTINGS[name].kind === "path" || name === "schedule";
  return isPath && value !== "" ? resolve(String(value)) : value;
}
