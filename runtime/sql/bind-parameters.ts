import type { PreparedStatement } from "@duckdb/node-bindings";
import { QuiverError } from "../../shared/errors/index.ts";
import { duckdb } from "../engine/duckdb-bindings.ts";

export type SqlParameter = string | number | boolean | null;

/** By position, or by name. */
export type SqlParameters = readonly SqlParameter[] | Readonly<Record<string, SqlParameter>>;

/** Binds every parameter of a statement. A missing or unknown parameter is refused, naming those of the statement. */
export function bindParameters(prepared: PreparedStatement, parameters: SqlParameters): void {
  const wanted = Array.from({ length: duckdb.nparams(prepared) }, (_, index) =>
    duckdb.parameter_name(prepared, index + 1),
  );
  const given = Object.entries(parameters).map(([key, value]) => ({
    name: Array.isArray(parameters) ? String(Number(key) + 1) : key.replace(/^\$/, "").toLowerCase(),
    value,
  }));
  const missing = wanted.filter((name) => !given.some((parameter) => parameter.name === name.toLowerCase()));
  const unknown = given.filter(({ name }) => !wanted.some((other) => other.toLowerCase() === name));
  if (missing.length > 0 || unknown.length > 0) {
    const has =
      wanted.length === 0 ? "no parameters" : `the parameters ${wanted.map((name) => `$${name}`).join(", ")}`;
    const got = given.length === 0 ? "none" : given.map(({ name }) => `$${name}`).join(", ");
    throw new QuiverError("sql-invalid", `Cannot run the query: expected ${has}, got ${got}.`, {
      wanted,
      given: given.map(({ name }) => name),
    });
  }
  wanted.forEach((name, index) => {
    const { value } = given.find((parameter) => parameter.name === name.toLowerCase())!;
    bind(prepared, index + 1, value);
  });
}

function bind(prepared: PreparedStatement, index: number, value: SqlParameter): void {
  if (value === null) duckdb.bind_null(prepared, index);
  else if (typeof value === "boolean") duckdb.bind_boolean(prepared, index, value);
  else if (typeof value === "string") duckdb.bind_varchar(prepared, index, value);
  else if (Number.isSafeInteger(value)) duckdb.bind_int64(prepared, index, BigInt(value));
  else duckdb.bind_double(prepared, index, value);
}
