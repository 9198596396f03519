import { QuiverError, type ErrorCode } from "../../shared/errors/index.ts";
import { plainWords } from "./plain-words.ts";

/**
 * Turns an error from DuckDB, whose message begins with the kind of error, into one for the caller of the query. Other
 * errors, and those that the query did not cause, are returned unchanged.
 */
export function fromDuckdbError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof QuiverError) return error;
  const match = /^(?:Invalid Error: )?([A-Z][\w ]*?) Error: ([\s\S]*)$/.exec(error.message);
  const code = match === null ? undefined : CODES[match[1]!];
  if (match === null || code === undefined) return error;
  const [, kind, detail = ""] = match;
  // DuckDB adds the text of the query with a caret below the place. Of that only the line number is kept.
  const [advised = "", line] = detail.split(/\s*\n\s*LINE (\d+):/);
  // This advice is for the owner of the connection, not for the caller.
  const [before = ""] = advised.split(/\s*(?:Possible solutions:|Use "SET )/);
  const sentence = plainWords(before.trim().replace(/[.!]$/, "")).replaceAll(/\s*\n\s*/g, " ");
  const place = line === undefined ? "" : ` at line ${line}`;
  const beginning = BEGINNINGS[code] ?? "Cannot run the query";
  const end = /[.?]$/.test(sentence) ? "" : ".";
  return new QuiverError(code, `${beginning}${place}: ${sentence}${end}`, { kind, detail }, error);
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  Binder: "sql-invalid",
  Catalog: "sql-invalid",
  Parser: "sql-invalid",
  Syntax: "sql-invalid",
  "Not implemented": "sql-invalid",
  "Parameter Not Allowed": "sql-invalid",
  "Parameter Not Resolved": "sql-invalid",
  Conversion: "sql-failed",
  "Invalid Input": "sql-failed",
  "Mismatch Type": "sql-failed",
  "Out of Range": "sql-failed",
  "Out of Memory": "sql-out-of-memory",
  Permission: "sql-refused",
};

const BEGINNINGS: Partial<Record<ErrorCode, string>> = {
  "sql-failed": "The query failed while it ran",
  "sql-out-of-memory": "The query needs more memory than it may use",
};
