import { join, resolve } from "node:path";
import type { BuildChildOptions } from "./process/build-child.ts";
import type { ChildAccess } from "./process/plan-launch.ts";
import type { Settings } from "./settings.ts";

export type SpoolPaths = ReturnType<typeof spoolPaths>;

/** The folders of a data directory's spool. Folders that children read and folders that they write never overlap. */
export function spoolPaths(dataDir: string) {
  const spool = join(resolve(dataDir), "spool");
  return {
    spool,
    rowSets: join(spool, "row-sets"),
    /** Results of upstream stages, moved here so that other children can map them. */
    stages: join(spool, "stages"),
    /** Results cached for reuse; children can map these too. */
    results: join(spool, "results"),
    out: join(spool, "out"),
    code: join(spool, "code"),
    child: join(spool, "child"),
    uploads: join(spool, "uploads"),
  };
}

/** The folders of the spool that every child may read. */
export function childAccess(paths: SpoolPaths): ChildAccess {
  return { readDirs: [paths.rowSets, paths.stages, paths.results], codeDirs: [paths.code] };
}

/** Where the children's program is built and kept: in a directory shared with others if the settings name one. */
export function childBuild(settings: Settings, paths: SpoolPaths): BuildChildOptions {
  return settings.childCache === ""
    ? { cacheDir: paths.child }
    : { cacheDir: resolve(settings.childCache), isShared: true };
}
