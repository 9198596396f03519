import { statSync } from "node:fs";
import { relative } from "node:path";
import type { BoundFunction } from "../plan/bind-inputs.ts";
import type { Manifest } from "../store/manifest.ts";

/** The files of a function that explain why its code is other than it was. */
export interface EditedFiles {
  /** Relative to the functions directory. */
  readonly paths: readonly string[];
  /** False if they were only written since, and what they held before is not recorded. */
  readonly isCertain: boolean;
}

/** By name, of a function and of all that it reads, what was edited since a version was published. */
export function editedFiles(
  bound: BoundFunction,
  was: Pick<Manifest, "lineage" | "publishedAt">,
  functionsDir: string,
): ReadonlyMap<string, EditedFiles> {
  const { name, fileHashes, sources } = bound.entry;
  const before = was.lineage.sources?.files?.[name];
  const own =
    before === undefined
      ? { paths: writtenSince(sources, Date.parse(was.publishedAt), functionsDir), isCertain: false }
      : { paths: differing(before, fileHashes), isCertain: true };
  const upstream = bound.upstream.flatMap((one) => [...editedFiles(one, was, functionsDir)]);
  return new Map([[name, { ...own, paths: own.paths.toSorted() }], ...upstream]);
}

/** The code of each file of a function and of all that it reads, as a version records it. */
export function fileHashesOf(bound: BoundFunction): Record<string, Readonly<Record<string, string>>> {
  const upstream = bound.upstream.flatMap((one) => Object.entries(fileHashesOf(one)));
  return Object.fromEntries([...upstream, [bound.entry.name, bound.entry.fileHashes]]);
}

/** A file that came or went is told of by the one that imports it, or does so no more. */
function differing(was: Readonly<Record<string, string>>, is: Readonly<Record<string, string>>): string[] {
  return Object.keys(was).filter((path) => is[path] !== undefined && is[path] !== was[path]);
}

function writtenSince(sources: readonly string[], moment: number, functionsDir: string): string[] {
  return sources
    .filter(
      (path) => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY) > moment,
    )
    .map((path) => relative(functionsDir, path));
}
