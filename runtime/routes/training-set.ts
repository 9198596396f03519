import { z } from "zod";
import { QuiverError } from "../../shared/errors/index.ts";
import { negotiateFormat, RESULT_FORMATS } from "../formats/media-types.ts";
import type { TrainingAnswer } from "../training/training-service.ts";
import { rowLimitOf } from "./answer-rows.ts";
import { bodyStream } from "./body-stream.ts";
import { bodyKind, spoolBody } from "./request-body.ts";
import { SqlQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

const text = (expected: string) => z.string().min(1).describe(expected);
const list =
  '<dataset>:<set>[@<version>][.<column>], separated by commas, for example "us-daily:rsi-macd.rsi"';
const duration = 'a duration such as "5d" or "30m"';

/** The query of `POST /training-set`: the body is the entity rows. */
const TrainingSetQuery = z.strictObject({
  features: text(list),
  labels: text(list).optional(),
  timezone: text('a time zone, for example "America/New_York"').optional(),
  restated: z.enum(["hold", "allow"]).describe('"hold" or "allow"').optional(),
  maxAge: text(duration).optional(),
  split: text('moments, for example "2024-03-01", or stretches from..to, separated by commas').optional(),
  folds: text("the name of a column of the entity rows").optional(),
  horizon: text('"5 bars", or a duration').optional(),
  embargo: text(duration).optional(),
  ...SqlQuery.omit({ q: true }).shape,
});

export type TrainingSetQuery = z.output<typeof TrainingSetQuery>;

const ENTITIES = ["arrow", "csv", "parquet"] as const;
const MEDIA_TYPES = Object.values(RESULT_FORMATS).map((format) => format.mediaType);

/** `POST /training-set`: takes entity rows, answers with the same rows and the features that were known at each. */
export function addTrainingSetRoute(router: Router, services: Services): void {
  router.add(
    {
      method: "post",
      path: "/training-set",
      summary: "Join rows of (symbol, ts) in the body with the features that were known at each",
      query: TrainingSetQuery,
      body: {
        mediaTypes: [
          "application/vnd.apache.arrow.stream",
          "application/vnd.apache.arrow.file",
          "application/vnd.apache.parquet",
          "text/csv",
        ],
      },
      answers: {
        200: { what: "the rows in their order, streamed on demand", mediaTypes: MEDIA_TYPES },
      },
    },
    async ({ request, query }) => {
      const kind = bodyKind(request, ENTITIES);
      if (!isEntities(kind)) {
        throw new QuiverError(
          "request-malformed",
          'The body is missing: expected entity rows, a table with the columns "symbol" and "ts", as CSV, Parquet or Arrow.',
          { expected: "entity rows" },
        );
      }
      const format = negotiateFormat(request.headers.get("Accept"), query.format);
      const rowLimit = rowLimitOf(format, query.limit, services);
      const { signal, end } = services.lifecycle.begin(request.signal);
      try {
        const body = await spoolBody(request, services.uploadDir, services.settings.arrowBodyBytesMax);
        try {
          const { labels, timezone, maxAge, split, folds, horizon, embargo } = query;
          const asked = { features: query.features, restated: query.restated ?? "hold" } as const;
          const answer = await services.training.build(
            { path: body.path, kind },
            { ...asked, labels, timezone, maxAge, split, folds, horizon, embargo },
            { format, rowLimit, signal },
          );
          const headers = headersOf(answer, RESULT_FORMATS[format].mediaType);
          return new Response(bodyStream(answer.body, end), { headers });
        } finally {
          // The engine has read it by the time it answers.
          await body.remove();
        }
      } catch (error) {
        end();
        throw error;
      }
    },
  );
}

function isEntities(kind: string): kind is (typeof ENTITIES)[number] {
  return ENTITIES.some((known) => known === kind);
}

/** Some clients refuse longer headers. */
const HEADER_LENGTH_MAX = 6000;

/**
 * Which versions were read, what was known, and what was found, as JSON: header values are Latin-1 without line
 * breaks.
 */
function headersOf({ report, sets, warnings }: TrainingAnswer, mediaType: string): Headers {
  const { rowCount, unknownSymbolRows, ts, splits } = report;
  const facts = {
    rowCount,
    unknownSymbolRows,
    ts,
    sets: sets.map((set, at) => ({ ...set, ...report.sets[at] })),
    splits,
  };
  const told = encodeURIComponent(JSON.stringify(facts));
  const shorter = () => encodeURIComponent(JSON.stringify({ ...facts, sets: [], splits: [], isCut: true }));
  const headers = new Headers({
    "Content-Type": mediaType,
    Vary: "Accept",
    "Cache-Control": "no-store",
    "Quiver-Rows": String(rowCount),
    "Quiver-Training-Set": told.length <= HEADER_LENGTH_MAX ? told : shorter(),
  });
  if (warnings.length > 0) {
    const whole = warnings.join("; ").toWellFormed();
    headers.set("Quiver-Warnings", encodeURIComponent(whole.slice(0, HEADER_LENGTH_MAX / 6)));
  }
  return headers;
}
