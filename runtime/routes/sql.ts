import { QuiverError } from "../../shared/errors/index.ts";
import { negotiateFormat, RESULT_FORMATS } from "../formats/media-types.ts";
import { bodyStream } from "./body-stream.ts";
import { parseFields } from "./fields.ts";
import { rowLimitOf } from "./answer-rows.ts";
import { bodyKind, readJson, readText } from "./request-body.ts";
import { SqlBody, SqlQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

const MEDIA_TYPES = Object.values(RESULT_FORMATS).map((format) => format.mediaType);
const ANSWERS = { 200: { what: "the rows, streamed as they come", mediaTypes: MEDIA_TYPES } };

/** `GET|POST /sql`: read-only SQL over datasets and feature sets. */
export function addSqlRoutes(router: Router, services: Services): void {
  router.add(
    {
      method: "get",
      path: "/sql",
      summary: "Query raw and feature data; the query is ?q=",
      query: SqlQuery,
      answers: ANSWERS,
    },
    ({ request, query }) => {
      if (query.q === undefined) throw missingQuery("in the query");
      return answer(services, request, query.q, query.format, query.limit);
    },
  );
  router.add(
    {
      method: "post",
      path: "/sql",
      summary: 'Query raw and feature data; the query is a text body, or {"q"}',
      query: SqlQuery,
      body: { json: SqlBody, mediaTypes: ["text/plain"] },
      answers: ANSWERS,
    },
    async ({ request, query }) => {
      const kind = bodyKind(request, ["json", "text"]);
      const bytesMax = services.settings.jsonBodyBytesMax;
      if (kind === "none") {
        if (query.q === undefined) throw missingQuery("in the body");
        return answer(services, request, query.q, query.format, query.limit);
      }
      if (query.q !== undefined) {
        throw new QuiverError(
          "request-malformed",
          'Cannot take "q" in the query of this request: the body holds one already.',
          {
            field: "q",
          },
        );
      }
      if (kind === "text") {
        return answer(services, request, await readText(request, bytesMax), query.format, query.limit);
      }
      const body = parseFields(SqlBody, await readJson(request, bytesMax), "in the body");
      return answer(services, request, body.q, query.format, body.limit ?? query.limit);
    },
  );
}

async function answer(
  services: Services,
  request: Request,
  text: string,
  formatName: string | undefined,
  limit: number | undefined,
): Promise<Response> {
  if (text.trim() === "") throw missingQuery("in the request");
  const format = negotiateFormat(request.headers.get("Accept"), formatName);
  const rowLimit = rowLimitOf(format, limit, services);
  const { signal, end } = services.lifecycle.begin(request.signal);
  try {
    const chunks = await services.sql.query(text, { format, rowLimit, signal });
    return new Response(bodyStream(chunks, end), {
      headers: {
        "Content-Type": RESULT_FORMATS[format].mediaType,
        Vary: "Accept",
        "Cache-Control": "no-store",
      },
    });
  } catch (error) {
    end();
    throw error;
  }
}

function missingQuery(where: string): QuiverError {
  return new QuiverError("request-malformed", `The field "q" is missing ${where}: expected a SQL query.`, {
    field: "q",
    expected: "a SQL query",
  });
}
