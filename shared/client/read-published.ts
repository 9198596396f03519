import { QuiverError } from "../errors/quiver-error.ts";
import { jsonLines } from "./json-lines.ts";
import type { Progress, Published } from "./messages.ts";
import { errorOf } from "./send.ts";

interface Line {
  readonly progress?: Progress;
  readonly report?: Published;
  readonly problem?: { readonly status: number };
}

/** Reads lines of progress up to the last line: the manifest, or the problem that describes the error. */
export async function readPublished(
  response: Response,
  onProgress: (progress: Progress) => void,
): Promise<Published> {
  for await (const line of jsonLines(response)) {
    const { progress, report, problem } = line as Line;
    if (progress !== undefined) onProgress(progress);
    if (problem !== undefined) throw errorOf(JSON.stringify(problem), problem.status);
    if (report !== undefined) return report;
  }
  throw new QuiverError(
    "server-unreachable",
    "The server stopped before the version was published: the previous version is still current.",
  );
}
