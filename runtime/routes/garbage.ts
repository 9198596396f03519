import { countVersions, findGarbage, removeGarbage } from "../store/garbage.ts";
import { parseFields } from "./fields.ts";
import { jsonResponse } from "./json-response.ts";
import { bodyKind, readJson } from "./request-body.ts";
import { GarbageBody, NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

const KEEP = 2;
const AGE_MS = 7 * 86_400_000;

/** `POST /gc`: what makes room. */
export function addGarbageRoute(router: Router, services: Services): void {
  router.add(
    {
      method: "post",
      path: "/gc",
      summary:
        "Remove versions that are neither current nor new nor referred to, and results that are kept in case they are asked for again",
      query: NoQuery,
      body: { json: GarbageBody },
      answers: { 200: { what: "what was removed, or would be", mediaTypes: ["application/json"] } },
    },
    async ({ request }) => {
      const { settings } = services;
      const kind = bodyKind(request, ["json"]);
      const given = kind === "none" ? {} : await readJson(request, settings.jsonBodyBytesMax);
      const {
        keep = KEEP,
        olderThanMs = AGE_MS,
        dryRun = false,
      } = parseFields(GarbageBody, given, "in the body");
      // A query that began when a version was current may go on reading it for as long as a query may run.
      const ageMs = Math.max(olderThanMs, settings.sqlTimeoutMs);
      const garbage = findGarbage(settings.data, { keep, notCurrentSince: new Date(Date.now() - ageMs) });
      const staying = countVersions(settings.data) - garbage.length;
      const results = dryRun ? services.results.usage() : await services.results.collect(true);
      if (!dryRun) removeGarbage(garbage);
      const versions = garbage.map(({ dataset, name, version, byteLength }) => ({
        dataset,
        name,
        version,
        byteLength,
      }));
      // By what rule the others stay is said with them: the age asked for may be less than a query may run.
      const kept = { versions: staying, keep, olderThanMs: ageMs };
      return jsonResponse(request, { removed: !dryRun, versions, results, kept });
    },
  );
}
