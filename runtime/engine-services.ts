import { QuiverError } from "../shared/errors/index.ts";
import type { EngineClient } from "./engine/engine-client.ts";
import type { FormatService, ImportService, SqlOptions, SqlService } from "./routes/services.ts";

/** SQL in the engine process for queries; more than `concurrency` at once are refused. */
export function createSqlService(
  engine: EngineClient,
  { timeoutMs, concurrency }: { readonly timeoutMs: number; readonly concurrency: number },
): SqlService {
  let running = 0;
  return {
    async query(query, { format, rowLimit, signal }: SqlOptions) {
      if (running >= concurrency) {
        throw new QuiverError(
          "sql-busy",
          `Cannot run the query: ${running === 1 ? "one query is" : `${running} queries are`} running, which is the limit. Try again shortly, or raise --sql-concurrency.`,
          { expected: concurrency },
        );
      }
      running++;
      try {
        const { body } = await engine.stream({ op: "sql", query, format, rowLimit, timeoutMs }, { signal });
        return ending(body, () => {
          running--;
        });
      } catch (error) {
        running--;
        throw error;
      }
    },
  };
}

/** The one text column of a query, as symbols. */
export async function selectSymbols(
  sql: SqlService,
  query: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const options = {
    format: "json",
    rowLimit: 1_000_000,
    signal: signal ?? new AbortController().signal,
  } as const;
  const pieces: Uint8Array[] = [];
  for await (const piece of await sql.query(query, options)) pieces.push(piece);
  const rows: unknown = JSON.parse(Buffer.concat(pieces).toString("utf8"));
  return Array.isArray(rows) ? rows.map((row) => symbolOf(row)) : [];
}

/** Formats that are not Arrow are made by the engine process for queries, from the files in the spool. */
export function createFormatService(engine: EngineClient): FormatService {
  return {
    async write(result, { format, rowLimit, signal }) {
      const { schema, symbols, parts } = result;
      const { body } = await engine.stream(
        { op: "format", schema, symbols, parts, format, rowLimit },
        { signal },
      );
      return body;
    },
  };
}

/** Imports in the engine process for data. */
export function createImportService(engine: EngineClient): ImportService {
  return {
    run: (request, { onProgress, signal }) =>
      engine.request({ op: "import", request }, { signal, onEvent: onProgress }),
  };
}

/** The same bytes; `onEnd` is called once they have ended, or were given up, even before the first was asked for. */
function ending(body: AsyncIterable<Uint8Array>, onEnd: () => void): AsyncIterable<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  let ended = false;
  const end = () => {
    if (!ended) onEnd();
    ended = true;
  };
  const iterable: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => iterable,
    async next() {
      try {
        const result = await iterator.next();
        if (result.done === true) end();
        return result;
      } catch (error) {
        end();
        throw error;
      }
    },
    async return() {
      end();
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  return iterable;
}

function symbolOf(row: unknown): string {
  const values = typeof row === "object" && row !== null ? Object.values(row) : [];
  const [value] = values;
  if (values.length === 1 && typeof value === "string") return value;
  throw new QuiverError(
    "request-malformed",
    `Cannot take symbols from the query \`symbols.sql\`: a row of it is ${JSON.stringify(row)}, expected one text column without nulls.`,
    { field: "symbols.sql", given: row, expected: "one text column without nulls" },
  );
}
