import { fromErrorRecord, isErrorCode, QuiverError } from "../../shared/errors/index.ts";
import type { ResultFormat } from "../../shared/protocol/result.ts";
import { hasEnded, type JobView } from "../jobs/job-view.ts";
import { readFeatureSet, readManifest } from "../store/feature-sets.ts";
import type { Manifest } from "../store/manifest.ts";
import { answerResult } from "./answer-rows.ts";
import { jsonResponse } from "./json-response.ts";
import type { Services } from "./services.ts";

/** Answers as the call itself would have: with rows, a manifest, or the problem it ended in. */
export async function answerJobResult(
  services: Services,
  request: Request,
  job: JobView,
  format: ResultFormat,
  limit: number | undefined,
): Promise<Response> {
  if (!hasEnded(job)) throw unfinished(job);
  if (job.error !== null) throw errorOf(job.error);
  const { version } = job.result ?? {};
  if (version != null)
    return jsonResponse(request, { ...manifestOf(services, job, version), created: version.created });
  const { signal, end } = services.lifecycle.begin(request.signal);
  const finish = async () => end();
  try {
    const result = await services.jobs.openResult(job.id);
    return await answerResult(services, result, { format, limit, signal, finish });
  } catch (error) {
    end();
    throw error;
  }
}

function manifestOf(
  { settings }: Services,
  { id }: JobView,
  { dataset, name, version }: NonNullable<NonNullable<JobView["result"]>["version"]>,
): Manifest {
  try {
    const manifest = readManifest(settings.data, readFeatureSet(settings.data, dataset, name), version);
    if (manifest !== undefined) return manifest;
  } catch {
    // The dataset or the feature set has been removed, and the version with it.
  }
  throw new QuiverError(
    "result-gone",
    `The version ${dataset}/${name}@${version} that the job ${id} published was removed since. Publish again.`,
    { id, dataset, name, version },
  );
}

function unfinished({ id, status }: JobView): QuiverError {
  return new QuiverError(
    "job-unfinished",
    `Cannot answer with the result of the job ${id}: it is ${status}. GET /invocations/${id}/events reports when it has ended.`,
    { id, jobStatus: status },
  );
}

/** The error with which the call itself would have failed. */
function errorOf(problem: NonNullable<JobView["error"]>): QuiverError {
  const { type: _type, title: _title, status: _status, code, detail, ...facts } = problem;
  return fromErrorRecord({
    code: isErrorCode(code) ? code : "internal-error",
    message: String(detail),
    facts,
  });
}
