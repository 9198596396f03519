import { z } from "zod";
import { JOB_STATUSES } from "../store/job-status.ts";
import { counted, durationText, grouped } from "./text-table.ts";

/** The parts of a job that are shown. */
export const ShownJob = z.looseObject({
  id: z.string(),
  function: z.string(),
  kind: z.enum(["invoke", "publish"]),
  status: z.enum(JOB_STATUSES),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  attempts: z.number(),
  queuedBefore: z.number().nullable(),
  progress: z
    .object({
      stage: z.string(),
      partitionsDone: z.number(),
      partitionCount: z.number(),
      rowsDone: z.number(),
      rowCount: z.number(),
      rowsPerSecond: z.number().nullable(),
      secondsLeft: z.number().nullable(),
    })
    .nullable(),
  error: z.looseObject({ code: z.string(), detail: z.string(), status: z.number() }).nullable(),
  result: z
    .object({
      rowCount: z.number(),
      expiresAt: z.string().nullable(),
      url: z.string().nullable(),
      version: z.object({ dataset: z.string(), name: z.string(), version: z.string() }).nullable(),
    })
    .nullable(),
});
export type ShownJob = z.output<typeof ShownJob>;

/** Describes in a few words how far a job is. */
export function progressText({ status, progress, queuedBefore, result, error }: ShownJob): string {
  if (status === "queued") return queuedBefore === 0 ? "next" : `${queuedBefore} before it`;
  if (error !== null) return error.code;
  if (result !== null) return counted(result.rowCount, "row");
  if (progress === null) return "starting";
  const { stage, rowsDone, rowCount, rowsPerSecond, secondsLeft } = progress;
  const rows = `${grouped(rowsDone)} of ${counted(rowCount, "row")}`;
  const rate = rowsPerSecond === null ? "" : `, ${grouped(rowsPerSecond)} rows/s`;
  const left = secondsLeft === null ? "" : `, ${durationText(secondsLeft * 1000)} left`;
  return `${stage}: ${rows}${rate}${left}`;
}

/** How long a job ran, or has been running. */
export function ranText({ startedAt, endedAt }: ShownJob, now = Date.now()): string {
  if (startedAt === null) return "";
  return durationText((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt));
}

/** Describes the result of a job that succeeded. */
export function resultText({ id, result }: ShownJob): string {
  if (result === null) return "";
  const rows = counted(result.rowCount, "row");
  const { version, url, expiresAt } = result;
  if (version !== null)
    return `Published ${version.dataset}/${version.name} version ${version.version}: ${rows}\n`;
  if (url === null) return `${rows}, which have expired: order the job again.\n`;
  return `${rows}, kept until ${expiresAt}: "quiver jobs result ${id} -o <file>" fetches them.\n`;
}
