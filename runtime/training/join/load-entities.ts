import { rm } from "node:fs/promises";
import { didYouMean, errorCodeOf, messageOf, QuiverError } from "../../../shared/errors/index.ts";
import { quoteName, quoteText } from "../../../shared/sql-text.ts";
import { recogniseTyped, type TimeFormat } from "../../import/time-format.ts";
import type { EntityKind, TrainingPlan } from "../../../shared/protocol/training-plan.ts";
import { arrowToParquet } from "./arrow-to-parquet.ts";
import type { WorkConnection } from "./work-connection.ts";

/** The entity rows as they were interpreted. */
export interface GivenRows {
  readonly columns: readonly string[];
  /** A date stands for its end, in the zone of each dataset. */
  readonly ts: "date" | "instant";
  readonly rowCount: number;
}

/**
 * Reads entity rows unchanged into the table `given`, and into `entity`: `n` (from 1, in their order), `symbol`, and
 * `ts` as a date or an instant. Rows without a symbol or a time are refused, and so are times without a zone.
 */
export async function loadEntities(
  work: WorkConnection,
  plan: Pick<TrainingPlan, "entities" | "timezone">,
): Promise<GivenRows> {
  const columns = await loadGiven(work, plan.entities);
  const symbolType = typeOf(columns, "symbol");
  if (symbolType !== "VARCHAR" && !symbolType.startsWith("ENUM")) {
    throw invalid(`their column "symbol" is ${symbolType}, expected text`, { column: "symbol" });
  }
  const { kind, sql } = await readTimes(work, typeOf(columns, "ts"), plan.timezone);
  await work.run(
    `CREATE TEMP TABLE entity AS SELECT row_number() OVER () AS n, CAST(symbol AS VARCHAR) AS symbol, ${sql} AS ts FROM given`,
  );
  await refuseUnreadable(work, "symbol");
  await refuseUnreadable(work, "ts");
  const rowCount = await work.count("SELECT count(*) FROM entity");
  return { columns: columns.map(({ name }) => name), ts: kind, rowCount };
}

interface GivenColumn {
  readonly name: string;
  readonly type: string;
}

/** Reads the file. A file that cannot be read is refused as such, and not as a failed query. */
async function loadGiven(
  work: WorkConnection,
  { path, kind }: TrainingPlan["entities"],
): Promise<GivenColumn[]> {
  const converted = `${path}.parquet`;
  try {
    if (kind === "arrow") await arrowToParquet(path, converted);
    const file = quoteText(kind === "arrow" ? converted : path);
    if (kind !== "csv") return await load(work, `read_parquet(${file}, hive_partitioning = false)`);
    const header = await describe(work, `read_csv(${file}, header = true, all_varchar = true)`);
    typeOf(header, "symbol");
    typeOf(header, "ts");
    // A CSV reader must not interpret symbols such as TRUE or 1E5, or times.
    const types = "{'symbol': 'VARCHAR', 'ts': 'VARCHAR'}";
    return await load(work, `read_csv(${file}, header = true, types = ${types}, sample_size = -1)`);
  } catch (error) {
    throw isUnreadable(error)
      ? invalid(`they are not readable as ${NAMES[kind]}: ${detailOf(error)}`, {}, error)
      : error;
  } finally {
    await rm(converted, { force: true });
  }
}

const NAMES: Readonly<Record<EntityKind, string>> = { arrow: "Arrow", csv: "CSV", parquet: "Parquet" };

async function load(work: WorkConnection, source: string): Promise<GivenColumn[]> {
  await work.run(`CREATE TEMP TABLE given AS SELECT * FROM ${source}`);
  return describe(work, "given");
}

async function describe(work: WorkConnection, source: string): Promise<GivenColumn[]> {
  const rows = await work.rows(`DESCRIBE SELECT * FROM ${source}`);
  return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
}

function typeOf(columns: readonly GivenColumn[], name: string): string {
  const found = columns.find((column) => column.name === name);
  if (found !== undefined) return found.type;
  const given = columns.map((column) => column.name);
  throw invalid(
    `there is no column ${JSON.stringify(name)}, only ${given.join(", ")}. Expected "symbol" and "ts"${didYouMean(name, given) === "" ? "" : `.${didYouMean(name, given)} Rename it`}`,
    { missing: name, given },
  );
}

interface EntityTimes {
  readonly kind: "date" | "instant";
  /** A DATE or a TIMESTAMPTZ; null for a value that is neither. */
  readonly sql: string;
}

async function readTimes(work: WorkConnection, type: string, timezone: string | null): Promise<EntityTimes> {
  const sample = await work.rows(
    "SELECT DISTINCT CAST(ts AS VARCHAR) FROM given WHERE ts IS NOT NULL LIMIT 1000",
  );
  const values = sample.map(([value]) => String(value));
  // A column without values has no format and needs none.
  const format = values.length === 0 ? EMPTY : recogniseTyped(type, values);
  if (format === undefined) {
    throw invalid(
      `their column "ts" is ${type} and begins with ${JSON.stringify(values[0])}, expected dates, or times with their zone`,
      { column: "ts", type },
    );
  }
  const sql = format.sql("ts");
  if (format.kind === "date") return { kind: "date", sql };
  if (format.kind === "instant") return { kind: "instant", sql };
  if (timezone !== null) return { kind: "instant", sql: `timezone(${quoteText(timezone)}, ${sql})` };
  const [midnights] = await work.rows(`SELECT bool_and(epoch_us(${sql}) % 86400000000 = 0) FROM given`);
  // Data frames store dates as midnights without a zone.
  if (midnights?.[0] === true) return { kind: "date", sql: `CAST(${sql} AS DATE)` };
  throw new QuiverError(
    "timezone-needed",
    `Cannot interpret the times of the entity rows: their "ts" has no zone, for example ${JSON.stringify(values[0])}. ` +
      `Name the zone with \`timezone\`, for example "America/New_York", or write the times with their offset.`,
    { field: "timezone", given: values[0] },
  );
}

const EMPTY: TimeFormat = { name: "none", kind: "date", sql: () => "CAST(NULL AS DATE)" };

async function refuseUnreadable(work: WorkConnection, column: "symbol" | "ts"): Promise<void> {
  const [bad] = await work.rows(
    `SELECT e.n, CAST(g.${quoteName(column)} AS VARCHAR), count(*) OVER () FROM entity e POSITIONAL JOIN given g WHERE e.${column} IS NULL ORDER BY e.n LIMIT 1`,
  );
  if (bad === undefined) return;
  const [row, value, count] = bad;
  const what =
    value === null
      ? "is null"
      : `is ${JSON.stringify(value)}, which is not a time in the format of the others,`;
  const more = Number(count) === 1 ? "" : ` (and ${Number(count) - 1} more)`;
  throw invalid(
    `${JSON.stringify(column)} ${what} in row ${Number(row)}${more}. Every row needs a symbol and a time`,
    {
      column,
      row: Number(row),
      count: Number(count),
    },
  );
}

/** Whether DuckDB reported that it cannot read the file. Our own refusals keep their messages. */
function isUnreadable(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === "sql-invalid" || code === "sql-failed" || (code === undefined && isParquetFault(error));
}

function isParquetFault(error: unknown): boolean {
  return error instanceof Error && /parquet|csv|magic bytes|thrift/i.test(error.message);
}

function detailOf(error: unknown): string {
  const detail = error instanceof QuiverError ? error.facts["detail"] : undefined;
  const text = typeof detail === "string" ? detail : messageOf(error);
  return text
    .split("\n")[0]!
    .replaceAll(/"?\/\S*\/[^\s"]+"?/g, "the file")
    .replace(/\.$/, "");
}

export function invalid(problem: string, facts: Record<string, unknown> = {}, cause?: unknown): QuiverError {
  return new QuiverError("entities-invalid", `Cannot read the entity rows: ${problem}.`, facts, cause);
}
