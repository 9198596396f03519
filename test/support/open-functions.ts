import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Table, tableFromIPC } from "apache-arrow";
import type { EngineClient } from "../../runtime/engine/engine-client.ts";
import { startEngine } from "../../runtime/engine/start-engine.ts";
import type { InvocationFacts, InvokeOptions, PublishResult } from "../../runtime/invoke/invocation.ts";
import type { InvocationRequest, PublishRequest } from "../../shared/protocol/invocation.ts";
import { arrowBody } from "../../runtime/routes/arrow-body.ts";
import type { Settings } from "../../runtime/settings.ts";
import { settingsWith } from "./settings-with.ts";
import type { InvocationRecord } from "../../runtime/store/control-database.ts";
import { defaultDataset } from "../../runtime/store/default-dataset.ts";
import { spoolPaths } from "../../runtime/spool-paths.ts";
import { type FunctionParts, wireFunctions } from "../../runtime/wire-functions.ts";
import { sharedChildren } from "./shared-children.ts";

/** A result as its caller sees it, decoded by the reference implementation of Arrow. */
export interface Rows {
  readonly fields: readonly string[];
  readonly rowCount: number;
  readonly symbols: readonly string[];
  /** Days or microseconds. */
  readonly ts: readonly bigint[];
  /** Null where null; numbers, bigints, booleans, text. */
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
  readonly bytes: Uint8Array;
  readonly facts: InvocationFacts;
}

/** Functions over a data directory of their own, through the real parts: engine, children, spool, store. */
export interface OpenedFunctions {
  readonly parts: FunctionParts;
  readonly engine: EngineClient;
  readonly dataDir: string;
  readonly functionsDir: string;
  /** What the control database would be given, in order. */
  readonly records: readonly InvocationRecord[];
  invoke(request: InvocationRequest, options?: InvokeOptions): Promise<Rows>;
  publish(request: PublishRequest, options?: InvokeOptions): Promise<PublishResult>;
  /** Writes a file under the functions directory. */
  write(path: string, source: string): void;
  /** Folders of results that lie in the spool now: none when nothing runs and every result was released. */
  leftInSpool(): readonly string[];
  close(): Promise<void>;
}

export interface OpenFunctionsOptions {
  readonly settings?: Partial<Settings>;
  /** Fills the data directory before anything is started. */
  readonly fill?: (dataDir: string) => Promise<unknown>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Answers queries that give symbols. */
  readonly selectSymbols?: (query: string) => Promise<readonly string[]>;
  /** Called with each record before it is kept. */
  readonly onRecord?: (record: InvocationRecord) => void;
  /** A data directory to open instead of a fresh one; it stays. */
  readonly dataDir?: string;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Opens the shipped functions and those under `test/fixtures/functions`, copied so that tests may edit them. */
export async function openFunctions(options: OpenFunctionsOptions = {}): Promise<OpenedFunctions> {
  const root = mkdtempSync(join(tmpdir(), "quiver-functions-"));
  const dataDir = options.dataDir ?? join(root, "data");
  const functionsDir = join(root, "functions");
  mkdirSync(dataDir, { recursive: true });
  for (const from of ["../../functions", "../fixtures/functions"]) {
    cpSync(here(from), functionsDir, { recursive: true });
  }
  await options.fill?.(dataDir);
  const settings = settingsWith({
    data: dataDir,
    functions: functionsDir,
    childrenMax: 3,
    threads: 2,
    // Every call computes, and leaves nothing, unless a test is about results that are kept.
    resultBytes: 0,
    ...sharedChildren(),
    ...options.settings,
  });
  const paths = spoolPaths(dataDir);
  const records: InvocationRecord[] = [];
  const engine = startEngine({ role: "data", dataDir, spoolDir: paths.spool, threads: 2 });
  const parts = wireFunctions({
    settings,
    dataEngine: engine,
    holdsLock: true,
    defaultDataset: () => defaultDataset(dataDir, settings.defaultDataset),
    selectSymbols: options.selectSymbols ?? (() => Promise.reject(new Error("no SQL here"))),
    record(record) {
      options.onRecord?.(record);
      records.push(record);
    },
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  return {
    parts,
    engine,
    dataDir,
    functionsDir,
    records,
    async invoke(request, invokeOptions) {
      const result = await parts.invoker.invoke(request, invokeOptions);
      try {
        const pieces: Uint8Array[] = [];
        for await (const chunk of arrowBody(result, "stream").chunks) pieces.push(chunk);
        return decode(Buffer.concat(pieces), result.facts);
      } finally {
        await result.release();
      }
    },
    publish: (request, publishOptions) => parts.invoker.publish(request, publishOptions),
    write(path, source) {
      mkdirSync(dirname(join(functionsDir, path)), { recursive: true });
      writeFileSync(join(functionsDir, path), source);
    },
    leftInSpool: () => [...filledFolders(paths.out), ...readdirSync(paths.stages)],
    async close() {
      await parts.close();
      await engine.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Children that wait for work have folders too: empty ones, but for what they rehearse with while they start. */
function filledFolders(dir: string): string[] {
  return readdirSync(dir).filter((name) => entriesOf(join(dir, name)).some((entry) => entry !== "rehearsal"));
}

/** None where the folder went meanwhile, as a rehearsal does. */
function entriesOf(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function decode(bytes: Uint8Array, facts: InvocationFacts): Rows {
  const table = tableFromIPC(bytes);
  const fields = table.schema.fields.map((field) => `${field.name}: ${String(field.type)}`);
  const columns: Record<string, unknown[]> = {};
  for (const { name } of table.schema.fields) {
    const vector = table.getChild(name)!;
    columns[name] = Array.from({ length: table.numRows }, (_, row): unknown => vector.get(row));
  }
  return {
    fields,
    rowCount: table.numRows,
    symbols: (columns["symbol"] ?? []).map(String),
    ts: table.getChild("ts") === null ? [] : eventTimes(table),
    columns,
    bytes,
    facts,
  };
}

/** As stored: `get` would turn dates and timestamps into milliseconds. */
function eventTimes(table: Table): bigint[] {
  return table.batches.flatMap((batch) => {
    const data = batch.getChild("ts")!.data[0]!;
    const values: ArrayLike<number | bigint> = data.values;
    return Array.from({ length: batch.numRows }, (_, row) => BigInt(values[row]!));
  });
}
