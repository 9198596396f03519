import { QuiverError } from "../../shared/errors/index.ts";
import type { Database } from "../engine/database.ts";
import { duckdb, type RawConnection } from "../engine/duckdb-bindings.ts";
import type { ResultFormat } from "../../shared/protocol/result.ts";
import { RESULT_FORMATS } from "../formats/media-types.ts";
import type { ResultBatch, ResultHead } from "../formats/result-batch.ts";
import { writeResult } from "../formats/write-result.ts";
import { readAllowedFunctions, type AllowedFunctions } from "./allowed-functions.ts";
import { bindParameters, type SqlParameters } from "./bind-parameters.ts";
import { guardStatement } from "./guard.ts";
import { lockDatabase } from "./lock-database.ts";
import { QueryRun } from "./query-run.ts";
import { explainFailure, nextChunk } from "./result-chunks.ts";
import { openResult } from "./read-batches.ts";
import { namesOf, planCatalogue, StoreReader, type SqlRelation } from "./sql-catalogue.ts";
import { SqlRelations } from "./sql-relations.ts";
import { executableText, parseStatement } from "./sql-statement.ts";

export interface SqlQuery {
  readonly sql: string;
  /** Values of `?`, `$1` (a list) or `$name` (an object). */
  readonly parameters?: SqlParameters;
  /** Time that DuckDB may take, without the time that a slow client takes to read. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A running query. Its holder must close it, or read `batches` to the end. */
export interface RunningQuery {
  readonly head: ResultHead;
  /** The relations it reads, with versions. Their files must stay until it ends. */
  readonly reads: readonly { readonly relation: string; readonly version: string }[];
  /** Computed on demand. Errors that the query caused are QuiverErrors. */
  readonly batches: AsyncIterableIterator<ResultBatch>;
  close(): Promise<void>;
}

export interface FormattedQuery {
  readonly head: {
    readonly format: ResultFormat;
    readonly mediaType: string;
    readonly columns: readonly { readonly name: string; readonly type: string }[];
    readonly reads: RunningQuery["reads"];
  };
  readonly body: AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

/** Read-only SQL over a data directory. */
export interface QueryEngine {
  /** Resolves when the first rows can be read; rejects if the query fails before. */
  run(query: SqlQuery): Promise<RunningQuery>;
  /** The same, as bytes of a format. More rows than `rowLimit` are refused. */
  runFormatted(query: SqlQuery, format: ResultFormat, rowLimit?: number | null): Promise<FormattedQuery>;
}

/** How far DuckDB may compute ahead of the reader while a batch is being sent. */
const WORK_AHEAD = "32MB";

/** Permanently locks the database and serves queries on it. A database has one query engine. */
export async function openQueryEngine(database: Database, dataDir: string): Promise<QueryEngine> {
  await lockDatabase(database, dataDir);
  const functions = await database.withConnection(new AbortController().signal, readAllowedFunctions);
  const store = new StoreReader(dataDir);
  const queries = new Queries(database, store, functions);
  return {
    run: (query) => queries.run(query),
    async runFormatted(query, format, rowLimit) {
      const running = await queries.run(query);
      const { schema } = running.head;
      return {
        head: {
          format,
          mediaType: RESULT_FORMATS[format].mediaType,
          columns: schema.fields.map(({ name, type }) => ({ name, type })),
          reads: running.reads,
        },
        body: writeResult(format, running.head, running.batches, rowLimit),
        close: () => running.close(),
      };
    },
  };
}

class Queries {
  readonly #database: Database;
  readonly #store: StoreReader;
  readonly #functions: AllowedFunctions;
  readonly #relations = new SqlRelations();
  /** Settles when the current preparation ends: two at once would change the same views. */
  #preparing: Promise<unknown> = Promise.resolve();

  constructor(database: Database, store: StoreReader, functions: AllowedFunctions) {
    this.#database = database;
    this.#store = store;
    this.#functions = functions;
  }

  async run(query: SqlQuery): Promise<RunningQuery> {
    const run = await QueryRun.open(this.#database, query);
    const close = () => run.close();
    try {
      const { prepared, text, reads } = await run.step(() => this.#prepared(run.connection, query));
      const result = await run.step(async () => {
        try {
          return await duckdb.execute_prepared_streaming(prepared);
        } finally {
          // This runs once DuckDB has finished with it, even if the caller no longer waits.
          duckdb.destroy_prepare_sync(prepared);
        }
      });
      const reader = openResult(result);
      const why = () => explainFailure(run, text, (again) => bindParameters(again, query.parameters ?? []));
      return {
        head: reader.head,
        reads: reads.map(({ schema, name, version }) => ({ relation: `${schema}.${name}`, version })),
        batches: closing(
          reader.read(() => nextChunk(run, result, why)),
          close,
        ),
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** Checks the query, updates the views it reads, and binds it to them. */
  async #prepared(connection: RawConnection, query: SqlQuery) {
    const statement = await parseStatement(connection, query.sql);
    const relations = planCatalogue(this.#store.list());
    const references = guardStatement(statement, namesOf(relations), this.#functions);
    const text = executableText(statement);
    let reads: SqlRelation[] = [];
    // In a transaction the query keeps the views it was bound to, even if they are replaced while it runs. Because the
    // transaction is read-only, a query that got past the guard could still change nothing.
    const bind = this.#preparing.then(async () => {
      reads = await this.#relations.prepare(connection, relations, references);
      await duckdb.query(connection, `SET streaming_buffer_size = '${WORK_AHEAD}'`);
      await duckdb.query(connection, "BEGIN TRANSACTION READ ONLY");
      return duckdb.prepare(connection, text);
    });
    this.#preparing = bind.catch(() => undefined);
    const prepared = await bind;
    const { StatementType } = duckdb;
    const type = duckdb.prepared_statement_type(prepared);
    if (type !== (statement.isExplain ? StatementType.EXPLAIN : StatementType.SELECT)) {
      throw new QuiverError(
        "sql-refused",
        `Cannot run the query: it is a ${StatementType[type]}, expected a SELECT.`,
      );
    }
    bindParameters(prepared, query.parameters ?? []);
    return { prepared, text, reads };
  }
}

/** The same batches; the connection is released when they end, fail or are abandoned. */
function closing(
  batches: AsyncGenerator<ResultBatch>,
  close: () => Promise<void>,
): AsyncIterableIterator<ResultBatch> {
  const closed: AsyncIterableIterator<ResultBatch> = {
    [Symbol.asyncIterator]: () => closed,
    async next() {
      try {
        const next = await batches.next();
        if (next.done === true) await close();
        return next;
      } catch (error) {
        await close();
        throw error;
      }
    },
    async return() {
      await batches.return(undefined);
      await close();
      return { done: true, value: undefined };
    },
  };
  return closed;
}
