import { defined } from "../../shared/defined.ts";
import { GarbageAnswer } from "./answer-schemas.ts";
import { findGarbage, removeGarbage } from "../store/garbage.ts";
import { parseFields } from "./fields.ts";
import { jsonResponse } from "./json-response.ts";
import { bodyKind, readJson } from "./request-body.ts";
import { GarbageBody, NoQuery } from "./request-schemas.ts";
import type { Router } from "./router.ts";
import type { Services } from "./services.ts";

const KEEP = 2;
const AGE_MS = 7 * 86_400_000;

/** `POST /gc`: makes room. */
export function addGarbageRoute(router: Router, services: Services): void {
  router.add(
    {
      method: "post",
      path: "/gc",
      summary:
        "Remove versions that are neither current, recent nor referred to, more of them to meet a limit of bytes, and cached results that were not used again",
      query: NoQuery,
      body: { json: GarbageBody },
      answers: {
        200: { what: "what was removed, or would be", mediaTypes: ["application/json"], json: GarbageAnswer },
      },
    },
    async ({ request }) => {
      const { settings } = services;
      const kind = bodyKind(request, ["json"]);
      const given = kind === "none" ? {} : await readJson(request, settings.jsonBodyBytesMax);
      const {
        keep = KEEP,
        olderThanMs = AGE_MS,
        maxBytes,
        dryRun = false,
      } = parseFields(GarbageBody, given, "in the body");
      const now = Date.now();
      // A query that began when a version was current may read it until the query's time limit.
      const ageMs = Math.max(olderThanMs, settings.sqlTimeoutMs);
      const { garbage, staying } = findGarbage(settings.data, {
        keep,
        notCurrentSince: new Date(now - ageMs),
        notReadSince: new Date(now - settings.sqlTimeoutMs),
        ...defined({ bytesMax: maxBytes }),
      });
      const unusedSince = new Date(Math.min(now - olderThanMs, oldestJob(services)));
      const results = await services.results.collectUnused(unusedSince, dryRun);
      if (!dryRun) removeGarbage(garbage);
      const versions = garbage.map(({ dataset, name, version, byteLength }) => ({
        dataset,
        name,
        version,
        byteLength,
      }));
      // The answer states the rule for what stays, because the minimum age may be the time limit of a query rather
      // than the one requested.
      const kept = { ...staying, keep, olderThanMs: ageMs, queryMs: settings.sqlTimeoutMs };
      return jsonResponse(request, { removed: !dryRun, versions, results, kept });
    },
  );
}

/** The time at which the oldest unfinished job was ordered: it may continue from anything computed since. */
function oldestJob({ jobs }: Services): number {
  const unended = (["queued", "running"] as const).flatMap((status) => jobs.list({ status, limit: -1 }));
  return Math.min(...unended.map(({ createdAt }) => Date.parse(createdAt)));
}
