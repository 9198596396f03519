import { z } from "zod";
import { ImportOptions } from "../../shared/protocol/import-options.ts";
import { RESULT_FORMATS } from "../formats/media-types.ts";
import { JOB_STATUSES } from "../store/job-status.ts";

/**
 * Every description below both documents a field and completes "expected …" in its refusal, so it reads as the end
 * of a sentence.
 */
const text = (expected: string) => z.string().min(1).describe(expected);

const dataset = text('the name of a dataset, for example "us-daily"');
const params = z.record(z.string(), z.unknown()).describe("an object of parameters by name");
const symbols = z
  .union([
    z.array(z.string().describe("a symbol")),
    z.strictObject({ sql: text("a query with one text column") }),
  ])
  .describe('a list of symbols, or {"sql": "a query with one text column"}');
const time = (what: string) => text(`${what}, as a date "2024-03-01" or a time "2024-03-01T14:30:00Z"`);
const count = (expected: string) => z.int().positive().describe(expected);

export const FROM = time("the first time of the output, inclusive");
export const TO = time("the end of the output, exclusive");
const AS_OF = time("the moment as of which data is known");

const binding = z
  .union([
    z.strictObject({ dataset }),
    z.strictObject({ function: text("the name of a function"), params: params.optional() }),
  ])
  .describe('{"dataset": name} or {"function": name, "params": {…}}');

const publish = z
  .union([
    z.boolean(),
    z.strictObject({
      as: text("the name of the feature set").optional(),
      replace: z.boolean().describe("true or false").optional(),
      codec: z.enum(["zstd", "uncompressed"]).describe('"zstd" or "uncompressed"').optional(),
      compressionLevel: z.int().min(1).max(19).describe("a whole number from 1 to 19").optional(),
      forReaders: z.boolean().describe("true or false").optional(),
    }),
  ])
  .describe(
    'true, or {"as": name, "replace": true, "codec": "zstd" or "uncompressed", "compressionLevel": 1 to 19, "forReaders": true}',
  );

/** The JSON body of `POST /functions/{name}`. */
export const InvocationBody = z
  .strictObject({
    dataset: dataset.optional(),
    params: params.optional(),
    symbols: symbols.optional(),
    from: FROM.optional(),
    to: TO.optional(),
    asOf: AS_OF.optional(),
    inputs: z.record(z.string(), binding).describe("an object of bindings by input name").optional(),
    publish: publish.optional(),
  })
  .describe("an invocation");
export type InvocationBody = z.output<typeof InvocationBody>;

/** The JSON body of `POST /sql`. */
export const SqlBody = z.strictObject({
  q: text("a SQL query"),
  limit: count("a whole number of rows, at least 1").optional(),
});

/** The JSON body of `POST /datasets/{name}/import`. */
export const ImportBody = z.strictObject({
  files: z.array(z.string()).min(1).describe("a list of at least one path on the server's machine"),
  options: ImportOptions.optional(),
});

const flag = z.enum(["1", "0", "true", "false", ""]).describe("1 or 0");
const wholeNumber = (expected: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number)
    .describe(expected);

const formatNames = Object.values(RESULT_FORMATS).map(({ names: [shown] }) => JSON.stringify(shown));
const format = text(`one of ${formatNames.join(", ")}`).optional();
const limit = wholeNumber("a whole number of rows, at least 1").optional();

const priority = z
  .string()
  .regex(/^-?(?:\d{1,2}|100)$/)
  .transform(Number)
  .describe("a whole number from -100 to 100");

/** The query of `POST /functions/{name}`; it has the selection if the body is Arrow. */
export const InvocationQuery = z.strictObject({
  format,
  explain: flag.optional(),
  stream: z.enum(["early", "whole"]).describe('"early" or "whole"').optional(),
  limit,
  priority: priority.optional(),
  params: z.string().describe("an object of parameters as JSON").optional(),
  input: text("the name of the input that the body is").optional(),
  symbols: text("symbols separated by commas").optional(),
  from: FROM.optional(),
  to: TO.optional(),
});
export type InvocationQuery = z.output<typeof InvocationQuery>;

/** The headers of `POST /functions/{name}`. */
export const InvocationHeaders = z.object({
  Prefer: text('"respond-async" for a job instead of an answer').optional(),
  "Idempotency-Key": text("with respond-async: the same key and request give the same job").optional(),
  "Cache-Control": text('"no-cache" to compute even if an equal result is cached').optional(),
});

/** The query of `GET /functions/{name}`: with `explain`, the plan of an invocation. */
export const FunctionQuery = z.strictObject({
  explain: flag.optional(),
  dataset: dataset.optional(),
  params: z.string().describe("an object of parameters as JSON").optional(),
  symbols: text("symbols separated by commas").optional(),
  from: FROM.optional(),
  to: TO.optional(),
  asOf: AS_OF.optional(),
});

export const GarbageBody = z.strictObject({
  keep: z.int().min(0).describe("a number of versions, 0 or more").optional(),
  olderThanMs: z
    .int()
    .min(0)
    .describe("milliseconds since a version was current or a cached result was used")
    .optional(),
  maxBytes: z.int().min(0).describe("a number of bytes that all versions may take, 0 or more").optional(),
  dryRun: z.boolean().describe("true or false").optional(),
});

export const WhyQuery = z.strictObject({
  dataset: dataset.optional(),
  params: z.string().describe("an object of parameters as JSON").optional(),
  symbols: text("symbols separated by commas").optional(),
  from: FROM.optional(),
  to: TO.optional(),
  asOf: AS_OF.optional(),
  inputs: z.string().describe("an object of bindings by input name as JSON").optional(),
  as: text("the name of a feature set").optional(),
});

export const SqlQuery = z.strictObject({ q: text("a SQL query").optional(), format, limit });

export const InvocationsQuery = z.strictObject({
  function: text("the name of a function").optional(),
  status: z
    .enum(JOB_STATUSES)
    .describe('"queued", "running", "succeeded", "failed" or "cancelled"')
    .optional(),
  outcome: text('"ok" or an error code').optional(),
  jobs: flag.optional(),
  limit: wholeNumber("a whole number, at least 1").optional(),
});

export type InvocationsQuery = z.output<typeof InvocationsQuery>;

/** How a job's rows are delivered. */
export const ResultQuery = z.strictObject({ format, limit });

export const NoQuery = z.strictObject({});

/** The query of `GET /graph`. */
export const GraphQuery = z.strictObject({
  functions: text("names of functions separated by commas").optional(),
});

/** The query of `GET /feature-sets`. */
export const FeatureSetsQuery = z.strictObject({ dataset: dataset.optional() });

/** `?explain`, `?explain=1` and `?explain=true` all turn it on. */
export function isOn(value: "1" | "0" | "true" | "false" | "" | undefined): boolean {
  return value === "" || value === "1" || value === "true";
}
