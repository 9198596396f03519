import { fromErrorRecord, isErrorCode, QuiverError } from "../../shared/errors/index.ts";
import type { ResultFormat } from "../formats/media-types.ts";
import { hasEnded, type JobView } from "../jobs/job-view.ts";
import { readFeatureSet, readManifest } from "../store/feature-sets.ts";
import type { Manifest } from "../store/manifest.ts";
import { answerResult } from "./answer-rows.ts";
import { jsonResponse } from "./json-response.ts";
import type { Services } from "./services.ts";

/** What the call itself would have been answered: rows, a manifest, or the problem it ended in. */
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
  const result = await services.jobs.openResult(job.id);
  const { signal, end } = services.lifecycle.begin(request.signal);
  const finish = () => {
    end();
    return Promise.resolve();
  };
  let streaming = false;
  try {
    const response = await answerResult(services, result, { format, limit, signal, finish });
    streaming = response.body !== null;
    return response;
  } finally {
    if (!streaming) end();
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
    // The dataset or the feature set was removed since: the version with it.
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
    `Cannot answer with the result of the job ${id}: it is ${status}. GET /invocations/${id}/events tells when it has ended.`,
    { id, jobStatus: status },
  );
}

/** As the call itself would have failed. */
function errorOf(problem: NonNullable<JobView["error"]>): QuiverError {
  const { type: _type, title: _title, status: _status, code, detail, ...facts } = problem;
  return fromErrorRecord({
    code: isErrorCode(code) ? code : "internal-error",
    message: String(detail),
    facts,
  });
}
