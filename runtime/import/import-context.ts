import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import type { ImportProgress, ImportStage } from "../../shared/protocol/import.ts";

/** What all steps of one import share. */
export interface ImportContext {
  readonly connection: DuckDBConnection;
  readonly importId: string;
  /** Prefix of the tables and views that this import creates in the engine. */
  readonly prefix: string;
  /** Folder for unfinished files. */
  readonly staging: string;
  readonly signal: AbortSignal | undefined;
  /** Runs a step and adds its time to that of the stage. */
  stage<T>(stage: ImportStage, step: () => Promise<T>): Promise<T>;
  progress(progress: ImportProgress): void;
}

/** The rows of a query as arrays of values. */
export async function query(context: ImportContext, sql: string): Promise<DuckDBValue[][]> {
  context.signal?.throwIfAborted();
  const reader = await context.connection.runAndReadAll(sql);
  context.signal?.throwIfAborted();
  return reader.getRows();
}

/** Runs a statement for its effect. */
export async function run(context: ImportContext, sql: string): Promise<void> {
  await query(context, sql);
}

/** A number from a result, which may be a bigint; null stays null. */
export function toNumber(value: DuckDBValue | undefined): number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  throw new TypeError(`expected a number from DuckDB, got ${String(value)}`);
}

/** A count from a result; null is 0. */
export function toCount(value: DuckDBValue | undefined): number {
  return toNumber(value) ?? 0;
}
