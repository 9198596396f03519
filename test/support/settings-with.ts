import { readSettings, type Settings } from "../../runtime/settings.ts";

/** The default settings with some of them replaced. */
export function settingsWith(values: Partial<Settings>): Settings {
  return readSettings(values, {});
}
