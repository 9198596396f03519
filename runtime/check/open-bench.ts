import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ResolvedFunction } from "../../shared/contract/describe.ts";
import { fromErrorRecord, isErrorCode } from "../../shared/errors/index.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";
import type { InvocationFacts, InvokeOptions } from "../invoke/invocation.ts";
import type { InvocationRequest } from "../../shared/protocol/invocation.ts";
import { arrowBody } from "../routes/arrow-body.ts";
import type { Settings } from "../settings.ts";
import { listDatasets } from "../store/read-dataset.ts";
import type { Wire, Wired } from "../wired.ts";
import { fillFunctionFolder } from "./function-folder.ts";
import { type OtherRuntime, startOtherRuntime } from "./other-runtime.ts";
import { readResultRows, type ResultRows } from "./result-rows.ts";

/** The result of one invocation. */
export interface BenchRun {
  readonly rows: ResultRows;
  readonly facts: InvocationFacts;
}

/** The runtime's real parts over a separate data directory, with the functions under check and their probes. */
export interface Bench {
  readonly dataDir: string;
  /** A folder for files that are imported. */
  readonly scratchDir: string;
  readonly services: Wired["services"];
  get(name: string): Promise<CatalogEntry>;
  resolve(name: string, params: Readonly<Record<string, unknown>>): Promise<ResolvedFunction>;
  /** Invokes a function. Cached results are reused, such as those of upstream functions, unless `recompute` is set. */
  run(request: InvocationRequest, options?: Pick<InvokeOptions, "recompute">): Promise<BenchRun>;
  /** Invokes a function on the other runtime; undefined if that is not installed. */
  runElsewhere(
    request: InvocationRequest,
  ): Promise<{ readonly on: string; readonly rows: ResultRows } | undefined>;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly settings: Settings;
  readonly wire: Wire;
  /** The functions that get a probe. */
  readonly checked: readonly string[];
  readonly onLog: (text: string) => void;
  /** Where temporary folders are made. */
  readonly tempDir?: string;
}

/** Opens a bench in a temporary folder, which is removed when the bench is closed. */
export async function openBench({
  settings,
  wire,
  checked,
  onLog,
  tempDir = tmpdir(),
}: BenchOptions): Promise<Bench> {
  const root = mkdtempSync(join(tempDir, "quiver-check-"));
  const [dataDir, functions, scratchDir] = ["data", "functions", "scratch"].map((name) => join(root, name));
  const elsewhere = join(root, "data-elsewhere");
  for (const dir of [dataDir!, functions!, scratchDir!, elsewhere]) mkdirSync(dir);
  await fillFunctionFolder(functions!, settings.functions, checked);
  const own = { ...settings, data: dataDir!, functions: functions!, token: "", childrenMax: 3 };
  const wired = await wire({ settings: own, holdsLock: true, onAuthorOutput: () => undefined, onLog });
  const { services } = wired;
  let other: Promise<OtherRuntime | undefined> | undefined;
  return {
    dataDir: dataDir!,
    scratchDir: scratchDir!,
    services,
    get: (name) => services.catalog.get(name),
    resolve: async (name, params) => services.catalog.resolve(await services.catalog.get(name), params),
    async run(request, options) {
      const result = await services.invoker.invoke(request, options);
      try {
        const pieces: Uint8Array[] = [];
        for await (const chunk of arrowBody(result, "stream").chunks) pieces.push(chunk);
        return { rows: readResultRows(Buffer.concat(pieces)), facts: result.facts };
      } finally {
        await result.release();
      }
    },
    async runElsewhere({ function: name, ...body }) {
      other ??= startOtherRuntime(elsewhere, functions!);
      const server = await other;
      if (server === undefined) return undefined;
      copyDatasets(dataDir!, elsewhere);
      const response = await server.fetch(`/functions/${name}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw problemOf(await response.text());
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { on: server.name, rows: readResultRows(bytes) };
    },
    async close() {
      await other?.then(
        (server) => server?.close(),
        () => undefined,
      );
      await wired.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Copies datasets, of a few thousand rows each, for the other runtime: a data directory has only one writer. */
function copyDatasets(from: string, to: string): void {
  for (const name of listDatasets(from)) {
    if (existsSync(join(to, name))) continue;
    const unfinished = mkdtempSync(join(to, "spool", "copy-"));
    cpSync(join(from, name), unfinished, { recursive: true });
    renameSync(unfinished, join(to, name));
  }
}

function problemOf(text: string): Error {
  const problem: unknown = JSON.parse(text);
  if (typeof problem === "object" && problem !== null && "code" in problem && isErrorCode(problem.code)) {
    const { detail, ...facts } = { detail: text, ...problem };
    return fromErrorRecord({ code: problem.code, message: String(detail), facts });
  }
  return new Error(text);
}
