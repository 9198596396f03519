import type { InvokeOptions, PublishResult } from "../invoke/invocation.ts";
import type { PublishRequest } from "../../shared/protocol/invocation.ts";
import { serverTiming } from "./answer-rows.ts";
import { bodyStream } from "./body-stream.ts";
import { jsonResponse } from "./json-response.ts";
import { toProblem } from "./problem.ts";
import { PROGRESS_LINES, progressLines, wantsProgress } from "./progress-lines.ts";
import type { Services } from "./services.ts";

/**
 * Publishes, and answers with the manifest, or with lines of progress that end with it. `finish` is called when the
 * answer is complete, but not when the publish is refused.
 */
export async function answerPublish(
  services: Services,
  request: Request,
  publication: PublishRequest,
  options: InvokeOptions,
  finish: () => Promise<void>,
): Promise<Response> {
  if (wantsProgress(request)) {
    const run = async (onProgress: (progress: unknown) => void) =>
      reportOf(await services.invoker.publish(publication, { ...options, onProgress }));
    const chunks = progressLines(run, (error) => toProblem(error, services.logger));
    return new Response(bodyStream(chunks, finish), { headers: { "Content-Type": PROGRESS_LINES } });
  }
  const result = await services.invoker.publish(publication, options);
  await finish();
  const response = jsonResponse(request, reportOf(result), result.created ? 201 : 200);
  response.headers.set("Server-Timing", serverTiming(result.facts));
  response.headers.set("Quiver-Invocation", result.facts.id);
  const { dataset, name } = result.manifest;
  response.headers.set("Location", `/datasets/${dataset}/features/${name}`);
  return response;
}

function reportOf({ manifest, created }: PublishResult) {
  return { ...manifest, created };
}
