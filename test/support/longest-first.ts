import { fileURLToPath } from "node:url";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that take longest on a machine that is otherwise idle, the longest first. A run ends when its last file does:
 * one of these begun last would leave the other processors idle.
 */
export const LONGEST_FILES = [
  "test/runtime/check/shipped-functions.test.ts",
  "test/runtime/incremental/publish-incrementally.test.ts",
  "test/bench/bench.test.ts",
  "test/runtime/cli/cli.test.ts",
  "test/runtime/check/planted-faults.test.ts",
  "test/runtime/jobs/killed-server.test.ts",
  "test/runtime/schedule/schedule-server.test.ts",
  "test/runtime/cli/removing.test.ts",
  "test/runtime/check/check-command.test.ts",
  "test/runtime/cli/publish-all.test.ts",
  "test/runtime/jobs/failures.test.ts",
  "test/functions/alpha101.test.ts",
  "test/runtime/child/feature-parquet/feature-parquet-readers.test.ts",
  "test/runtime/load/row-sets.test.ts",
  "test/runtime/load/row-sets-spool.test.ts",
  "test/runtime/import/import-real.test.ts",
];

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Name of the Vitest project whose files share a process: it lives as long as the next file is one of them. */
export const SHARING = "pure";

/** The files known to take longest, then the others as Vitest has them, and at the end those that share a process. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const places = new Map(LONGEST_FILES.map((path, place) => [root + path, place]));
    const placeOf = ({ moduleId, project }: TestSpecification) =>
      project.name === SHARING ? LONGEST_FILES.length + 1 : (places.get(moduleId) ?? LONGEST_FILES.length);
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
