import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { listFeatureSets, readManifest } from "../../runtime/store/feature-sets.ts";
import { listDatasets } from "../../runtime/store/read-dataset.ts";

/** Row checksums of every current version, by name; throws where `current` names one that is not whole. */
export function currentChecksums(dataDir: string): Record<string, string> {
  const sets = listDatasets(dataDir).flatMap((dataset) => listFeatureSets(dataDir, dataset));
  return Object.fromEntries(
    sets.map((set) => {
      const where = `${set.dataset}/${set.name}`;
      const manifest = set.current === null ? undefined : readManifest(dataDir, set, set.current);
      if (manifest === undefined) throw new Error(`${where} has versions and its current is ${set.current}`);
      const dir = join(
        dataDir,
        set.dataset,
        set.kind === "label" ? "labels" : "features",
        set.name,
        set.current!,
      );
      for (const { path, byteLength } of manifest.parts) {
        if (statSync(join(dir, path)).size !== byteLength) throw new Error(`${where}: ${path} is not whole`);
      }
      return [where, manifest.rowChecksum];
    }),
  );
}

/** What unfinished work left in a data directory at rest: parts of versions, folders of processes, bodies, results. */
export function leftovers(dataDir: string): string[] {
  const staging = listDatasets(dataDir)
    .flatMap((dataset) => ["features", "labels"].map((kind) => join(dataset, kind)))
    .flatMap((kind) => entries(join(dataDir, kind)).map((name) => join(kind, name)))
    .flatMap((set) =>
      entries(join(dataDir, set))
        .filter((name) => name.startsWith("current.json.tmp") || name === ".staging")
        .flatMap((name) => (name === ".staging" ? entries(join(dataDir, set, name)) : [name]))
        .map((name) => join(set, name)),
    );
  const spool = ["out", "stages", "uploads", "jobs", "engine"].flatMap((folder) =>
    entries(join(dataDir, "spool", folder)).map((name) => join("spool", folder, name)),
  );
  return [...staging, ...spool];
}

/** Processes that have to do with a data directory, but for this one. Linux only. */
export function processesOf(dataDir: string): number[] {
  return (
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      // The children's program may lie elsewhere; their environment names the folder they write to.
      .filter((name) =>
        ["cmdline", "environ"].some((file) => readOrEmpty(`/proc/${name}/${file}`).includes(dataDir)),
      )
      .map(Number)
  );
}

/** Children of functions among them, without what put them into their sandbox. */
export function childrenOf(dataDir: string): number[] {
  return processesOf(dataDir).filter((pid) => {
    const words = readOrEmpty(`/proc/${pid}/cmdline`);
    return /^[^\0]*(quiver-child\0|\/deno\0.*child-deno-)/s.test(words);
  });
}

/** Processor time that a process has used, in the system's ticks. */
export function processorTime(pid: number): number {
  const fields = readOrEmpty(`/proc/${pid}/stat`).replace(/^.*\)/s, "").split(" ");
  return Number(fields[12] ?? 0) + Number(fields[13] ?? 0);
}

function entries(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}

/** A process may end between two looks. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
