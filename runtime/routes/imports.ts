import { QuiverError } from "../../shared/errors/index.ts";
import { bodyStream } from "./body-stream.ts";
import { parseFields } from "./fields.ts";
import { jsonResponse } from "./json-response.ts";
import { toProblem } from "./problem.ts";
import { bodyKind, readJson } from "./request-body.ts";
import { ImportBody, NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

const LINES = "application/x-ndjson";

/**
 * `POST /datasets/{name}/import`: what `quiver import` sends. It reads paths of the server's own machine, so only who
 * may read them anyway, the user behind a loopback address or the bearer of the token, gets here. As NDJSON it tells
 * its progress: `{"progress": …}` lines, then one `{"report": …}` or `{"problem": …}`.
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
        200: { what: "rows in, kept, quarantined by reason", mediaTypes: ["application/json", LINES] },
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
      const end = services.lifecycle.begin();
      const signal = AbortSignal.any([request.signal, services.lifecycle.signal]);
      const run = (onProgress: (progress: unknown) => void) =>
        services.imports.run(
          name,
          { files: body.files, options: body.options ?? {} },
          { onProgress, signal },
        );
      if ((request.headers.get("Accept") ?? "").includes(LINES)) {
        const chunks = lines(run, (error) => toProblem(error, services.logger));
        return new Response(bodyStream(chunks, end), { headers: { "Content-Type": LINES } });
      }
      try {
        return jsonResponse(request, await run(() => undefined));
      } finally {
        end();
      }
    },
  );
}

/** Progress is news, not history: of what piles up while the reader is busy only the latest is sent. */
async function* lines(
  run: (onProgress: (progress: unknown) => void) => Promise<unknown>,
  toBody: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  let latest: unknown;
  let wake: (() => void) | undefined;
  let outcome: unknown;
  void run((progress) => {
    latest = progress;
    wake?.();
  })
    .then(
      (report) => ({ report }),
      (error: unknown) => ({ problem: toBody(error) }),
    )
    .then((ended) => {
      outcome = ended;
      wake?.();
    });
  while (outcome === undefined) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (latest !== undefined || outcome !== undefined) resolve();
    });
    if (latest !== undefined) yield line({ progress: latest });
    latest = undefined;
  }
  yield line(outcome);
}

function line(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
