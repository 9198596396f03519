import type { RawConnection } from "../engine/duckdb-bindings.ts";
import { selectText } from "./query-text.ts";

/** The functions that a query may call, in lower case. */
export interface AllowedFunctions {
  /** Scalar functions, aggregates and DuckDB's macros over them. */
  readonly values: ReadonlySet<string>;
  /** Functions in FROM. */
  readonly tables: ReadonlySet<string>;
}

/**
 * The allow-list: functions that DuckDB declares to be pure functions of their arguments (or of the query's start),
 * except those below. Names that the parser knows without the catalogue are added.
 */
export async function readAllowedFunctions(connection: RawConnection): Promise<AllowedFunctions> {
  const pure = await selectText(
    connection,
    `SELECT DISTINCT lower(function_name) FROM duckdb_functions()
     WHERE schema_name = 'main' AND database_name = 'system'
       AND (function_type IN ('aggregate', 'macro')
         OR (function_type = 'scalar' AND stability IN ('CONSISTENT', 'CONSISTENT_WITHIN_QUERY')))`,
  );
  const values = pure.filter((name) => !name.startsWith("__internal_") && !NOT_VALUES.has(name));
  return { values: new Set([...values, ...HARMLESS_VALUES]), tables: TABLES };
}

/** Functions that are volatile or unknown to the catalogue, but harmless. */
const HARMLESS_VALUES = ["error", "gen_random_uuid", "random", "unnest", "uuid", "uuidv4", "uuidv7"] as const;

/**
 * Functions that are declared pure, but read the engine's state or settings, take SQL or names as text, or are
 * internals of the engine.
 */
const NOT_VALUES: ReadonlySet<string> = new Set([
  "combine",
  "create_sort_key",
  "current_catalog",
  "current_connection_id",
  "current_database",
  "current_query",
  "current_query_id",
  "current_role",
  "current_schema",
  "current_schemas",
  "current_setting",
  "current_transaction_id",
  "current_user",
  "currval",
  "finalize",
  "get_block_size",
  "getenv",
  "getvariable",
  "in_search_path",
  "json_deserialize_sql",
  "json_serialize_plan",
  "json_serialize_sql",
  "nextval",
  "parse_duckdb_log_message",
  "remap_struct",
  "session_user",
  "setseed",
  "sleep_ms",
  "stats",
  "txid_current",
  "user",
  "variant_bytes_to_variant",
  "vector_type",
  "write_log",
]);

const TABLES: ReadonlySet<string> = new Set(["generate_series", "range", "unnest"]);
