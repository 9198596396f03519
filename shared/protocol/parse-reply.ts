import { z } from "zod";
import { QuiverError } from "../errors/index.ts";
import type { DescribeReply, ResolveReply, RunReply } from "./child-message.ts";

/**
 * Replies come from a process that ran an author's code, so they are checked like any outside input. The schemas
 * repeat the types; `satisfies` keeps the two in step.
 */
const columnType = z.enum(["float64", "float32", "int32", "int64", "bool", "utf8", "date32", "timestamp"]);
const json = z.record(z.string(), z.unknown());
const count = z.number().nonnegative();

const column = z.object({
  name: z.string().min(1),
  type: columnType,
  nullable: z.boolean(),
  unit: z.enum(["price", "volume", "ratio", "count", "flag", "none"]),
});
const inputFacts = { name: z.string().min(1), columns: z.array(column) };
const input = z.discriminatedUnion("kind", [
  z.object({
    ...inputFacts,
    kind: z.literal("dataset"),
    dataset: z.string().nullable(),
    match: z.enum(["exact", "known", "following"]),
  }),
  z.object({ ...inputFacts, kind: z.literal("function"), function: z.string(), params: json }),
  z.object({
    ...inputFacts,
    kind: z.literal("broadcast"),
    symbol: z.string(),
    dataset: z.string().nullable(),
    match: z.enum(["exact", "known"]),
  }),
  z.object({ ...inputFacts, kind: z.literal("attributes"), dataset: z.string() }),
]);

const describeReply = z.object({
  shape: z.enum(["feature", "table"]),
  kind: z.enum(["feature", "label"]),
  partition: z.enum(["symbol", "date", "whole"]),
  bars: z.enum(["daily", "intraday", "any"]),
  description: z.string(),
  source: z.string().nullable(),
  paramsSchema: json,
  paramNames: z.array(z.string()),
  limits: z.object({
    wallTimeMs: z.number().positive().exactOptional(),
    memoryMiB: z.number().positive().exactOptional(),
    outputMiB: z.number().positive().exactOptional(),
    concurrency: z.int().positive().exactOptional(),
  }),
  reuse: z.boolean(),
  helper: z.boolean(),
  environment: z.array(z.string()),
}) satisfies z.ZodType<DescribeReply>;

const resolveReply = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    resolved: z.object({
      params: json,
      inputs: z.array(input).min(1, "a function needs at least one input"),
      outputs: z.array(column).min(1, "a function needs at least one output"),
      lookBack: z.int().nonnegative().nullable(),
      stateLength: z.int().nonnegative(),
      warmUp: count,
    }),
  }),
  z.object({
    ok: z.literal(false),
    issues: z.array(z.object({ param: z.string(), message: z.string(), given: z.unknown() })),
  }),
]) satisfies z.ZodType<ResolveReply>;

const written = {
  files: z.array(z.object({ file: z.string(), byteLength: count, sha256: z.string().nullable() })),
  columns: z.array(z.object({ name: z.string(), nullCount: count, infCount: count })),
};

const runReply = z.object({
  outDir: z.string(),
  rowCount: count,
  ...written,
  besides: z.object(written).exactOptional(),
  batches: z.array(
    z.object({ rowCount: count, byteOffset: count, metadataLength: count, bodyLength: count }),
  ),
  firstTs: z.number().nullable(),
  lastTs: z.number().nullable(),
  checksumFile: z.string().nullable(),
  symbolRows: z.object({ symbols: z.array(z.int().nonnegative()), rowCounts: z.array(count) }).nullable(),
  warnings: z.array(z.object({ message: z.string(), count })),
  timings: z.object({ mapMs: count, importMs: count, handlerMs: count, sinkMs: count }),
}) satisfies z.ZodType<RunReply>;

export function parseDescribeReply(reply: unknown): DescribeReply {
  return parse(describeReply, reply, "its definition");
}

export function parseResolveReply(reply: unknown): ResolveReply {
  return parse(resolveReply, reply, "its resolved definition");
}

export function parseRunReply(reply: unknown): RunReply {
  return parse(runReply, reply, "the reply of its process");
}

function parse<T>(schema: z.ZodType<T>, reply: unknown, what: string): T {
  const parsed = schema.safeParse(reply);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new QuiverError(
    "contract-broken",
    `Cannot use the function: ${what} is not of the contract's shape at ` +
      `${JSON.stringify(issue?.path.map(String).join(".") ?? "")}: ${issue?.message ?? "unknown"}.`,
    { issues: parsed.error.issues.slice(0, 10) },
  );
}
