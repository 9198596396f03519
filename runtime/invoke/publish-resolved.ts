import { findCurrent } from "../collect/find-version.ts";
import { commitWhole } from "../collect/publish-version.ts";
import { sinksOfVersion } from "../collect/sinks-of-version.ts";
import { publishIncrementally } from "../incremental/publish-incrementally.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";
import type { PublishResult } from "./invocation.ts";
import type { PublishRequest } from "../../shared/protocol/invocation.ts";
import { planBeforeRows, type PreparedPlan } from "./prepare-plan.ts";
import { prepareResolved } from "./prepare-request.ts";
import { codecOf, type ResolvedPublish, type PublishContext, publishPlan } from "./publish-plan.ts";
import { factsOfPublished } from "./record-invocation.ts";
import { refuseUnpublishable } from "./result-schema.ts";

/**
 * Publishes in the cheapest way that gives the same rows. A current version of the same content is returned without
 * opening rows or starting a process; one that was computed the same way gets what its inputs' changes require; anything
 * else is computed whole.
 */
export async function publishResolved(
  publication: ResolvedPublish,
  context: PublishContext,
): Promise<PublishResult> {
  const { request, options, resolved, target, invocation } = publication;
  const { settings } = context;
  const { stopwatch } = invocation;
  const outlined = options.recompute === true ? undefined : planBeforeRows(request, resolved, settings);
  const current = outlined === undefined ? undefined : await findCurrent(target, outlined.fingerprint);
  stopwatch.end("resolve");
  if (current !== undefined) {
    return { facts: factsOfPublished(invocation, current), manifest: current, created: false };
  }
  const appended =
    outlined === undefined ? undefined : await publishIncrementally(publication, outlined, context);
  if (appended !== undefined) return appended;
  const prepared = await prepareResolved(request, resolved, options, settings, stopwatch);
  try {
    refuseUnpublishable(prepared.plan);
    return await context.exclusively(target, () => publishWhole(publication, prepared, context));
  } finally {
    prepared.release();
  }
}

async function publishWhole(
  publication: ResolvedPublish,
  prepared: PreparedPlan,
  context: PublishContext,
): Promise<PublishResult> {
  const { plan, record } = prepared;
  const { request } = publication;
  const { settledUntil, sinkOf } = sinksOfVersion(
    plan,
    { ...codecOf(request), ...(writesColumns(plan, request) ? { withColumns: true } : {}) },
    record.columns,
    () => context.settings.datasets.get(plan.dataset).index(),
  );
  return publishPlan(
    publication,
    prepared,
    {
      sinkOf,
      commit: (staged, results, facts) => commitWhole(staged, { ...facts, results, settledUntil }),
    },
    context,
  );
}

/** A function across symbols is followed by a stage that sorts its column files, so those exist in any case. */
function writesColumns({ stages }: InvocationPlan, { forReaders = false }: PublishRequest): boolean {
  return forReaders && stages.at(-1)?.function != null;
}
