import { QuiverError } from "../../shared/errors/index.ts";
import { bodyStream } from "./body-stream.ts";
import { parseFields } from "./fields.ts";
import { jsonResponse } from "./json-response.ts";
import { toProblem } from "./problem.ts";
import { PROGRESS_LINES, progressLines, wantsProgress } from "./progress-lines.ts";
import { bodyKind, readJson } from "./request-body.ts";
import { ImportBody, NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

/**
 * `POST /datasets/{name}/import`, which `quiver import` sends. It reads paths on the server's machine; only callers
 * that may read them anyway can reach it, through the loopback address or with the token. As NDJSON it reports
 * progress: `{"progress": …}` lines, then one `{"report": …}` or `{"problem": …}`.
 */
export function addImportRoute(router: Router, services: Services): void {
  router.add(
    {
      method: "post",
      path: "/datasets/{name}/import",
      summary: "Import CSV or Parquet files of the server's machine into a dataset",
      query: NoQuery,
      body: { json: ImportBody },
      answers: {
        200: {
          what: "rows in, kept, quarantined by reason",
          mediaTypes: ["application/json", PROGRESS_LINES],
        },
      },
    },
    async ({ request, name }) => {
      if (bodyKind(request, ["json"]) === "none") {
        throw new QuiverError("request-malformed", 'The body is missing: expected {"files": [paths]}.', {
          expected: '{"files": [paths]}',
        });
      }
      const body = parseFields(
        ImportBody,
        await readJson(request, services.settings.jsonBodyBytesMax),
        "in the body",
      );
      const { signal, end } = services.lifecycle.begin(request.signal);
      const run = (onProgress: (progress: unknown) => void) =>
        services.imports.run({ ...body.options, dataset: name, files: body.files }, { onProgress, signal });
      if (wantsProgress(request)) {
        const chunks = progressLines(run, (error) => toProblem(error, services.logger));
        return new Response(bodyStream(chunks, end), { headers: { "Content-Type": PROGRESS_LINES } });
      }
      try {
        return jsonResponse(request, await run(() => undefined));
      } finally {
        end();
      }
    },
  );
}
