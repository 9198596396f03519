import { QuiverError } from "../../shared/errors/index.ts";
import { duckdb, type RawConnection } from "../engine/duckdb-bindings.ts";
import { queryText } from "./query-text.ts";

/** An object of DuckDB's syntax tree, as `json_serialize_sql` writes it. */
export type SyntaxNode = Readonly<Record<string, unknown>>;

/** One parsed statement: a query, or the EXPLAIN of one. */
export interface SqlStatement {
  /** The text of which `tree` is the tree; positions in the tree are offsets into it. */
  readonly query: string;
  readonly isExplain: boolean;
  readonly tree: SyntaxNode;
}

/** Longer statements are refused: they are mistakes, and the parser's time grows with their length. */
const SQL_LENGTH_MAX = 1_000_000;

/**
 * Parses a text, which must be exactly one query, with DuckDB's own parser. The parser returns no tree for statements
 * that are not queries (and could change something), so they are refused here.
 */
export async function parseStatement(connection: RawConnection, text: string): Promise<SqlStatement> {
  if (text.trim() === "") {
    throw new QuiverError("sql-invalid", "Cannot run the query: it is empty. Expected one SELECT.");
  }
  if (text.length > SQL_LENGTH_MAX) {
    throw refused(`it has ${text.length} characters, expected up to ${SQL_LENGTH_MAX}`);
  }
  // For the parser the text would end here, but perhaps not for other code.
  if (text.includes("\0")) throw refused("it contains a NUL character");
  const explained = /^\s*explain\s+(?=\S)/i.exec(text);
  const query = explained === null ? text : text.slice(explained[0].length);
  const parsed: unknown = JSON.parse(await serialize(connection, query));
  if (!isObject(parsed)) throw new Error("json_serialize_sql returned no object");
  if (parsed.error !== false) throw parseError(query, parsed);
  const statements = Array.isArray(parsed.statements) ? parsed.statements : [];
  if (statements.length !== 1) {
    throw refused(`it contains ${statements.length} statements, expected one. Send them one by one`);
  }
  const statement: unknown = statements[0];
  if (!isObject(statement) || !isObject(statement.node)) throw new Error("a statement without a node");
  return { query, isExplain: explained !== null, tree: statement.node };
}

/** The text to run for a statement that passed the guard. */
export function executableText({ query, isExplain, tree }: SqlStatement): string {
  if (isExplain) return `EXPLAIN ${query}`;
  // SHOW ALL TABLES has columns of lists, which results do not support.
  const from = tree.from_table;
  return isObject(from) && from.table_name === SHOW_ALL_TABLES ? TABLES_SQL : query;
}

/** The table name that DuckDB's parser gives to SHOW ALL TABLES. */
export const SHOW_ALL_TABLES = "__show_tables_expanded";

const TABLES_SQL = `
  SELECT "schema", "name", array_to_string(column_names, ', ') AS column_names,
    array_to_string(column_types, ', ') AS column_types
  FROM (SHOW ALL TABLES) ORDER BY ALL`;

export function isObject(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** ` at line 2, column 5` for a byte offset from the parser; empty if it gave none. */
export function placeOf(text: string, byteOffset: unknown): string {
  // The parser writes a missing offset as the largest 64-bit number.
  if (typeof byteOffset !== "number" || byteOffset > SQL_LENGTH_MAX * 4) return "";
  return placeAfter(new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, byteOffset)));
}

function placeAfter(before: string): string {
  const lines = before.split("\n");
  return ` at line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}`;
}

/** Names of datasets and functions contain hyphens, which SQL reads as minus signs. */
function hyphenHint(before: string, rest: string): string {
  const start = /[A-Za-z_][\w.]*$/.exec(before)?.[0];
  const end = /^(?:-\w[\w.]*)+/.exec(rest)?.[0];
  if (start === undefined || end === undefined) return "";
  return ` In SQL, a "-" in a name is written "_": ${(start + end).replaceAll("-", "_")}.`;
}

async function serialize(connection: RawConnection, text: string): Promise<string> {
  const prepared = await duckdb.prepare(connection, "SELECT json_serialize_sql($1::VARCHAR)");
  try {
    duckdb.bind_varchar(prepared, 1, text);
    const [json] = await queryText(await duckdb.execute_prepared(prepared));
    if (json === undefined) throw new Error("json_serialize_sql returned nothing");
    return json;
  } finally {
    duckdb.destroy_prepare_sync(prepared);
  }
}

function parseError(text: string, parsed: SyntaxNode): QuiverError {
  const message = typeof parsed.error_message === "string" ? parsed.error_message : "unknown";
  if (parsed.error_type === "parser") {
    // The parser counts code points here, but bytes in its tree.
    const before = Array.from(text).slice(0, Number(parsed.position)).join("");
    const place = placeAfter(before);
    const hint = hyphenHint(before, text.slice(before.length));
    return new QuiverError("sql-invalid", `Cannot read the query${place}: ${message}.${hint}`, {
      detail: message,
    });
  }
  const word = /^[\s(]*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? "this";
  return refused(
    word === "PIVOT"
      ? "a PIVOT that takes its columns from the data is several statements. List them: PIVOT … ON column IN ('a', 'b')"
      : `${word} is not a read-only statement. ` +
          "Allowed are SELECT, WITH, VALUES, FROM, UNION, PIVOT … ON … IN, UNPIVOT, DESCRIBE, SUMMARIZE, " +
          "SHOW ALL TABLES and EXPLAIN of one of these",
  );
}

function refused(why: string): QuiverError {
  return new QuiverError("sql-refused", `Cannot run the query: ${why}.`);
}
