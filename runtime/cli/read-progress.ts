import { z } from "zod";
import { QuiverError } from "../../shared/errors/index.ts";
import { toError } from "./connect.ts";
import type { ProgressDisplay } from "./progress.ts";

const Line = z.object({
  progress: z
    .union([
      z.object({ stage: z.string(), done: z.number(), total: z.number() }),
      z
        .object({ stage: z.string(), rowsDone: z.number(), rowCount: z.number() })
        .transform(({ stage, rowsDone, rowCount }) => ({ stage, done: rowsDone, total: rowCount })),
    ])
    .optional(),
  report: z.unknown().optional(),
  problem: z.looseObject({ status: z.number() }).optional(),
});

/** Reads progress until the last line, and returns its report or throws the error that its problem describes. */
export async function readProgress(response: Response, progress: ProgressDisplay): Promise<unknown> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      const { progress: now, report, problem } = Line.parse(JSON.parse(text));
      if (now !== undefined) progress.update(now.stage, now.done, now.total);
      if (problem !== undefined) throw toError(JSON.stringify(problem), problem.status);
      if (report !== undefined) return report;
    }
  }
  throw new QuiverError(
    "server-unreachable",
    "The server stopped before the work was done. Existing data is unchanged.",
  );
}
