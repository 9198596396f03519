import { z } from "zod";
import type { ChangeReport } from "../invoke/explain-change.ts";
import type { ScheduleView } from "../schedule/schedule.ts";

/** The answer of `GET /schedule`. */
export const ScheduleAnswer = z.object({
  file: z.string().nullable(),
  running: z.boolean(),
  problem: z.string().nullable(),
  entries: z.array(
    z.object({
      name: z.string(),
      cron: z.string(),
      zone: z.string(),
      missed: z.enum(["run-once", "skip"]),
      functions: z.union([z.array(z.string()), z.literal("all")]),
      dataset: z.string().nullable(),
      next: z.array(z.string()),
      last: z
        .object({
          entry: z.string(),
          dueAt: z.string(),
          dueCount: z.int(),
          startedAt: z.string(),
          endedAt: z.string().nullable(),
          outcome: z.string().nullable(),
          message: z.string().nullable(),
          job: z.string().nullable(),
          version: z.string().nullable(),
        })
        .nullable(),
    }),
  ),
}) satisfies z.ZodType<ScheduleView>;

const bytes = z.int().min(0);

/** The answer of `POST /gc`. */
export const GarbageAnswer = z.object({
  /** False for a dry run. */
  removed: z.boolean(),
  versions: z.array(
    z.object({ dataset: z.string(), name: z.string(), version: z.string(), byteLength: bytes }),
  ),
  results: z.object({ count: z.int(), bytes }),
  kept: z.object({
    versions: z.int(),
    byteLength: bytes,
    keep: z.int(),
    olderThanMs: z.int(),
    queryMs: z.int(),
  }),
});

/** The answer of `GET /functions/{name}/why`. */
export const WhyAnswer = z.object({
  dataset: z.string(),
  name: z.string(),
  current: z.object({ version: z.string(), publishedAt: z.string() }).nullable(),
  isCurrent: z.boolean(),
  changes: z.array(z.string()),
}) satisfies z.ZodType<ChangeReport>;
