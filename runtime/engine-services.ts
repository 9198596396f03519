import { QuiverError } from "../shared/errors/index.ts";
import type { EngineClient } from "./engine/engine-client.ts";
import type { FormatService, ImportService, SqlOptions, SqlService } from "./routes/services.ts";

/** Runs SQL in the `sql` engine and refuses more than `concurrency` queries at once. */
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

/** Runs a query and returns its one text column as symbols. */
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

/** Converts results in the spool to formats other than Arrow, in the `sql` engine. */
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

/** Runs imports in the `data` engine. */
export function createImportService(engine: EngineClient): ImportService {
  return {
    run: (request, { onProgress, signal }) =>
      engine.request({ op: "import", request }, { signal, onEvent: onProgress }),
  };
}

/** Passes the bytes on, and calls `onEnd` once when they end or the reader stops, even before the first read. */
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
