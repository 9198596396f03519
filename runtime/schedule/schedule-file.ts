import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { defined } from "../../shared/defined.ts";
import { didYouMean, messageOf, QuiverError } from "../../shared/errors/index.ts";
import { isZoneName } from "../../shared/time/zone.ts";
import { parseFields, shown } from "../routes/fields.ts";
import { publishRequestOf, requestOf } from "../routes/invocation-request.ts";
import { InvocationBody } from "../routes/request-schemas.ts";
import { cronProblem } from "./cron-problem.ts";
import { dueTimes } from "./due-times.ts";
import type { ScheduleEntry } from "./schedule.ts";

const File = z.strictObject({
  entries: z.array(z.looseObject({}).describe("an object")).describe("a list of entries"),
});

/** An entry is the body of a publish request, with the functions and the times. */
const Entry = InvocationBody.extend({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .describe('a name of lower-case letters, digits and hyphens, for example "evening-rsi"'),
  cron: z
    .string()
    .min(1)
    .describe('a cron expression, for example "30 18 * * 1-5" (minute, hour, day, month, weekday)'),
  zone: z.string().refine(isZoneName).describe('a time zone, for example "America/New_York"').optional(),
  missed: z.enum(["run-once", "skip"]).describe('"run-once" or "skip"').optional(),
  function: z.string().min(1).describe("the name of a function").optional(),
  functions: z
    .union([z.literal("all"), z.array(z.string()).min(1)])
    .describe('"all", or a list of names of functions')
    .optional(),
});

export interface ScheduleFileOptions {
  /** The zone of a dataset's clocks; without a name, that of the default dataset. */
  readonly zoneOf: (dataset: string | undefined) => string;
  /** The names of existing functions; without it, names are not checked. */
  readonly functions?: readonly string[];
  /** The names of existing datasets; without it, names are not checked. */
  readonly datasets?: readonly string[];
  /** Every entry must be due at some time after this one. */
  readonly now: Date;
}

/** Reads a schedule, which is empty without a file. Throws `schedule-invalid` with the file, the entry and the field. */
export function readScheduleFile(path: string, options: ScheduleFileOptions): readonly ScheduleEntry[] {
  if (!existsSync(path)) return [];
  const { entries } = inFile(path, undefined, () => parseFields(File, jsonOf(path), "in the file"));
  const names = new Set<string>();
  return entries.map((value, number) => {
    const name = typeof value["name"] === "string" ? value["name"] : undefined;
    const where = `of the entry ${name === undefined ? `number ${number + 1}` : JSON.stringify(name)}`;
    const entry = inFile(path, name, () => entryOf(parseFields(Entry, value, where), where, options));
    if (names.has(entry.name)) throw invalid(path, name, refused("name", entry.name, "another", where));
    names.add(entry.name);
    return entry;
  });
}

function entryOf(value: z.output<typeof Entry>, where: string, options: ScheduleFileOptions): ScheduleEntry {
  const { name, cron, missed = "run-once" } = value;
  const zone = value.zone ?? options.zoneOf(value.dataset);
  refuseUnknownDatasets(value, where, options.datasets);
  const work = workOf(value, where, options.functions);
  const problem = cronProblem(cron);
  if (problem !== undefined) throw unreadableCron(cron, problem, where);
  const due = dueTimes({ cron, zone }).next(options.now);
  if (due === undefined) throw refused("cron", cron, "a cron expression that is due sometime", where);
  return { name, cron, zone, missed, work };
}

function refuseUnknownDatasets(
  { dataset, inputs = {} }: z.output<typeof Entry>,
  where: string,
  known: readonly string[] | undefined,
): void {
  const bound = Object.entries(inputs).flatMap(([input, binding]) =>
    "dataset" in binding ? [[`inputs.${input}.dataset`, binding.dataset] as const] : [],
  );
  const named = dataset === undefined ? bound : [["dataset", dataset] as const, ...bound];
  for (const [field, name] of named) {
    if (known?.includes(name) !== false) continue;
    const near = didYouMean(name, known);
    const next = `${near === "" ? "Import" : "If not, import"} it first, with "quiver import ${name} <files…>", or take the entry out until then.`;
    throw refused(field, name, "the name of an existing dataset", where, `${near} ${next}`);
  }
}

/** What an entry publishes: one function as the entry configures it, or many with their defaults. */
function workOf(
  value: z.output<typeof Entry>,
  where: string,
  known: readonly string[] | undefined,
): ScheduleEntry["work"] {
  const { function: one, functions, publish = true } = value;
  if (publish === false) throw refused("publish", false, "true, or an object: an entry publishes", where);
  if ((one === undefined) === (functions === undefined)) {
    const given = one === undefined ? undefined : { function: one, functions };
    throw refused("function", given, 'one of "function" and "functions"', where);
  }
  const field = one === undefined ? "functions" : "function";
  for (const called of one === undefined ? (functions === "all" ? [] : (functions ?? [])) : [one]) {
    if (known?.includes(called) !== false) continue;
    throw refused(field, called, "the name of an existing function", where, didYouMean(called, known));
  }
  const target = publish === true ? {} : publish;
  if (one !== undefined) return { kind: "one", request: publishRequestOf(requestOf(one, value), target) };
  // These fields apply to a single function.
  const single = {
    params: value.params,
    inputs: value.inputs,
    "publish.as": "as" in target ? target.as : undefined,
  };
  const [first] = Object.entries(single).filter(([, given]) => given !== undefined);
  if (first !== undefined) throw refused(first[0], first[1], 'none beside "functions"', where);
  const { function: _, ...request } = publishRequestOf(requestOf("", value), target);
  return { kind: "many", functions: functions === "all" ? null : (functions ?? null), request };
}

function unreadableCron(cron: string, problem: string, where: string): QuiverError {
  return new QuiverError(
    "schedule-invalid",
    `Cannot read the cron expression ${JSON.stringify(cron)} ${where}: ${problem}.`.replace(/\?\.$/, "?"),
    { field: "cron", given: cron, expected: problem },
  );
}

function refused(field: string, given: unknown, expected: string, where: string, hint = ""): QuiverError {
  return new QuiverError(
    "schedule-invalid",
    `Cannot read the field ${JSON.stringify(field)} ${where}: given ${shown(given)}, expected ${expected}.${hint}`,
    { field, given, expected },
  );
}

/** Adds the file's name to refusals. */
function inFile<T>(path: string, entry: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof QuiverError) throw invalid(path, entry, error);
    throw error;
  }
}

function invalid(path: string, entry: string | undefined, error: QuiverError): QuiverError {
  return new QuiverError(
    "schedule-invalid",
    `Cannot use the schedule ${path}. ${error.message}`,
    { ...error.facts, file: path, ...defined({ entry }) },
    error,
  );
}

function jsonOf(path: string): unknown {
  const text = readFileSync(path, "utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = messageOf(cause);
    throw new QuiverError("schedule-invalid", `It is not JSON: ${why}.`, {}, cause);
  }
}
