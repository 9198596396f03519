import type { ArrowField } from "../../shared/arrow/index.ts";
import { duckdb, type RawResult } from "../engine/duckdb-bindings.ts";
import type { ResultBatch, ResultHead } from "../formats/result-batch.ts";
import { planColumn, type ColumnPlan } from "./plan-column.ts";

/** DuckDB returns up to this many rows at a time. */
const CHUNK_ROWS_MAX = 2048;

/** The first batch is small, so that the first bytes leave early. The second is larger, and the third and later largest. */
const BATCH_ROWS = [CHUNK_ROWS_MAX, 8 * CHUNK_ROWS_MAX, 60 * CHUNK_ROWS_MAX] as const;

/** A batch ends once a column has this many bytes of text, because offsets into the text are 32 bits wide. */
const TEXT_BYTES_MAX = 32 * 1024 * 1024;

/** A DuckDB result as Arrow: its schema, with unique names, and a reader of its columns. */
export interface ResultReader {
  readonly head: ResultHead;
  /** `next` returns the next chunk, or null at the end. */
  read(next: () => Promise<Chunk | null>): AsyncGenerator<ResultBatch>;
}

export type Chunk = NonNullable<Awaited<ReturnType<typeof duckdb.fetch_chunk>>>;

/** Throws `sql-type-unsupported` if results do not support the type of a column. */
export function openResult(result: RawResult): ResultReader {
  const count = duckdb.column_count(result);
  const names = uniqueNames(Array.from({ length: count }, (_, index) => duckdb.column_name(result, index)));
  const plans = names.map((name, index) => planColumn(name, duckdb.column_logical_type(result, index)));
  const dictionaries = new Map<number, readonly string[]>();
  const fields = plans.map(({ type, labels }, index): ArrowField => {
    const field = { name: names[index]!, type, nullable: true };
    if (labels === undefined) return field;
    dictionaries.set(index, labels);
    return { ...field, dictionaryId: index };
  });
  return { head: { schema: { fields }, dictionaries }, read: (next) => readBatches(plans, next) };
}

/**
 * Copies chunks into batches as they arrive. No chunk is kept: only its finalizer frees its memory, and keeping sixty of
 * them until a batch is complete took 550 MB more when measured.
 */
async function* readBatches(
  plans: readonly ColumnPlan[],
  next: () => Promise<Chunk | null>,
): AsyncGenerator<ResultBatch> {
  let step = 0;
  let appenders = plans.map(({ open }) => open(BATCH_ROWS[step]!));
  let rowCount = 0;
  const take = (): ResultBatch => {
    const batch = { rowCount, columns: appenders.map((appender) => appender.take()) };
    rowCount = 0;
    return batch;
  };
  for (;;) {
    const chunk = await next();
    if (chunk === null) break;
    const chunkRows = duckdb.data_chunk_get_size(chunk);
    for (let column = 0; column < appenders.length; column++) {
      appenders[column]!.append(duckdb.data_chunk_get_vector(chunk, column), chunkRows);
    }
    rowCount += chunkRows;
    const isFull = rowCount + CHUNK_ROWS_MAX > BATCH_ROWS[step]!;
    if (!isFull && appenders.every((appender) => appender.textByteLength < TEXT_BYTES_MAX)) continue;
    yield take();
    if (step < BATCH_ROWS.length - 1) {
      step++;
      appenders = plans.map(({ open }) => open(BATCH_ROWS[step]!));
    }
  }
  if (rowCount > 0) yield take();
}

/** `a, a` becomes `a, a_1`: JSON objects and data frames need one name per column. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const used = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let suffix = 1; used.has(unique); suffix++) {
      const candidate = `${name}_${suffix}`;
      if (!taken.has(candidate)) unique = candidate;
    }
    used.add(unique);
    return unique;
  });
}
