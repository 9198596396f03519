import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Which version of a feature set is current, and which ones were before: `current.json`. */
export interface CurrentVersion {
  readonly version: string;
  /** What gave way to another, and when it last did; the latest first. Shorter in stores of an older Quiver. */
  readonly replaced: readonly { readonly version: string; readonly at: string }[];
}

/** What is remembered; a version that is not among so many was current long ago. */
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
    // Missing or damaged: either way nothing is current.
    return undefined;
  }
}

/** What the file holds once a version takes the place of another. */
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
