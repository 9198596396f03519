import type { DuckDBConnection } from "@duckdb/node-api";
import { QuiverError } from "../../shared/errors/index.ts";
import { isNullText } from "./column-types.ts";
import type { SourceShape } from "./describe-source.ts";
import type { PlannedTime } from "./import-plan.ts";
import type { InferredFact } from "../../shared/protocol/import.ts";
import { quoteName, quoteText, quoteTexts } from "../../shared/sql-text.ts";
import { givenFormat, recogniseText, recogniseTyped, type TimeFormat } from "./time-format.ts";

/** Recognises the format of a time by its type or by a sample. A format that cannot be recognised is refused. */
export function planTime(
  shape: SourceShape,
  sources: readonly string[],
  given: string | undefined,
  what: string,
  inferred: InferredFact[],
): PlannedTime {
  const values = sampleOf(shape, sources);
  const type = shape.columns.find((column) => column.name === sources[0])!.type;
  const asText = sources.length > 1 || shape.dialect !== null || type === "VARCHAR";
  if (given !== undefined) return { sources, format: givenFormat(given), asText: true };
  const format = asText ? recogniseText(values) : recogniseTyped(type, values);
  if (format !== undefined) {
    inferred.push({
      fact: `format of the ${what}`,
      value: format.name,
      why: asText
        ? `the first values of ${sources.join("+")} match it`
        : `the type of ${sources.join("+")} is ${type}`,
    });
    return { sources, format, asText };
  }
  // A file that has only a header contains no time, so any format will do.
  if (values.length === 0) return { sources, format: NOTHING, asText };
  throw new QuiverError(
    "import-ambiguous",
    `Cannot import ${shape.file.path}: the format of the ${what} in ${sources.join("+")} was not recognised (for example ${JSON.stringify(values[0])}). Pass --time-format with a strptime format, for example "%d/%m/%Y %H:%M".`,
    { path: shape.file.path, column: sources.join("+"), example: values[0]! },
  );
}

const NOTHING: TimeFormat = { name: "none", kind: "date", sql: (x) => `try_cast(${x} AS DATE)` };

/** The sources of a time as one SQL expression. */
export function timeSource(time: PlannedTime, column: (name: string) => string): string {
  if (time.sources.length === 1) {
    const only = column(time.sources[0]!);
    return time.asText ? `trim(CAST(${only} AS VARCHAR))` : only;
  }
  return time.sources.map((name) => `trim(CAST(${column(name)} AS VARCHAR))`).join(" || ' ' || ");
}

/** Whether all event times of a sample are dates, or midnights in UTC or in the given zone. */
export async function isAtMidnight(
  connection: DuckDBConnection,
  run: readonly SourceShape[],
  time: PlannedTime | null,
  timezone: string | undefined,
): Promise<boolean> {
  if (time === null) return false;
  if (time.format.kind === "date") return true;
  const times: string[] = [];
  for (const shape of run.slice(0, 20)) times.push(...sampleOf(shape, time.sources));
  const midnights = [`t = date_trunc('day', t)`];
  if (time.format.kind === "instant" && timezone !== undefined) {
    midnights.push(
      `timezone(${quoteText(timezone)}, t) = date_trunc('day', timezone(${quoteText(timezone)}, t))`,
    );
  }
  // The sample has the Parquet times as text, which casts back to the same moments.
  const parsed = time.asText
    ? time.format.sql("x")
    : time.format.sql(
        `CAST(x AS ${quoteName(run[0]!.columns.find((c) => c.name === time.sources[0])!.type)})`,
      );
  const sql = `SELECT ${midnights.map((m) => `coalesce(bool_and(${m}), false)`).join(", ")} FROM (SELECT ${parsed} AS t FROM (SELECT unnest(${quoteTexts(times)}::VARCHAR[]) AS x)) WHERE t IS NOT NULL`;
  const rows = (await connection.runAndReadAll(sql)).getRows();
  return rows[0]?.some((isMidnight) => isMidnight === true) ?? false;
}

function sampleOf(shape: SourceShape, sources: readonly string[]): string[] {
  const positions = sources.map((name) => shape.columns.findIndex((column) => column.name === name));
  return shape.sample
    .map((row) => positions.map((at) => row[at] ?? ""))
    .filter((parts) => parts.every((part) => !isNullText(part)))
    .map((parts) => parts.join(" "));
}
