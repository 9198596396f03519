import type { Settings } from "../../runtime/settings.ts";

/** One program for the children of all tests of a run, where the run has a place for it: making one takes a second. */
export function sharedChildren(): Partial<Settings> {
  const childCache = process.env["QUIVER_CHILD_CACHE"];
  return childCache === undefined ? {} : { childCache };
}
