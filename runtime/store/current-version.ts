import { readFileSync } from "node:fs";
import { join } from "node:path";

/** `current.json`: the current version of a feature set, and earlier ones. */
export interface CurrentVersion {
  readonly version: string;
  /** Versions that others replaced, each with the last time that happened; latest first. Older stores hold fewer. */
  readonly replaced: readonly { readonly version: string; readonly at: string }[];
}

/** The number of replaced versions recorded; a version that is not among them was replaced long ago. */
const REMEMBERED_MAX = 100;

/** Undefined when nothing is current, or the file is damaged. */
export function readCurrent(setDir: string): CurrentVersion | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(setDir, "current.json"), "utf8"));
    if (typeof value !== "object" || value === null || !("version" in value)) return undefined;
    const { version } = value;
    if (typeof version !== "string") return undefined;
    const replaced = "replaced" in value && Array.isArray(value.replaced) ? value.replaced : [];
    return { version, replaced: replaced.filter(isReplaced) };
  } catch {
    // Whether the file is missing or damaged, nothing is current.
    return undefined;
  }
}

/** The content of the file after `version` has become current. */
export function replaceCurrent(
  before: CurrentVersion | undefined,
  version: string,
  now: Date,
): Partial<CurrentVersion> {
  if (before === undefined) return { version };
  const others = before.replaced.filter((one) => one.version !== before.version);
  const gone = before.version === version ? [] : [{ version: before.version, at: now.toISOString() }];
  return { version, replaced: [...gone, ...others].slice(0, REMEMBERED_MAX) };
}

function isReplaced(value: unknown): value is CurrentVersion["replaced"][number] {
  if (typeof value !== "object" || value === null || !("version" in value) || !("at" in value)) return false;
  return typeof value.version === "string" && typeof value.at === "string";
}
