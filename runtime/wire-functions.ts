import { fileURLToPath } from "node:url";
import { basename, dirname, join, resolve } from "node:path";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createCatalog } from "./catalog/create-catalog.ts";
import type { Catalog } from "./catalog/catalog.ts";
import type { Environment } from "./catalog/pick-environment.ts";
import { removeUnfinishedVersions } from "./collect/remove-unfinished-versions.ts";
import type { EngineClient } from "./engine/engine-client.ts";
import { createClockOf } from "./invoke/clock-of.ts";
import { createInvoker } from "./invoke/create-invoker.ts";
import { createFunctionSlots } from "./concurrency/function-slots.ts";
import { createOpenBody } from "./invoke/open-body.ts";
import type { Invoker } from "./invoke/invocation.ts";
import { createTimesReader } from "./invoke/read-times.ts";
import { createSourceChecker } from "./load/check-sources.ts";
import { createRowSets, type RowSets } from "./load/row-sets.ts";
import { createFileMapper } from "./platform/map-file.ts";
import { runtimeFacts } from "./platform/runtime-facts.ts";
import { buildChild } from "./process/build-child.ts";
import type { Pool } from "./process/child-handle.ts";
import { createPool } from "./process/create-pool.ts";
import { createReusable } from "./process/create-reusable.ts";
import { lazily } from "./concurrency/lazily.ts";
import { createLauncher, type Isolation } from "./process/launcher.ts";
import type { Limits } from "./process/limits.ts";
import { createWarmChildren } from "./process/warm-children.ts";
import { createResultStore, type ResultStore } from "./results/result-store.ts";
import type { Settings } from "./settings.ts";
import { childAccess, childBuild, spoolPaths } from "./spool-paths.ts";
import type { InvocationRecord } from "./store/control-database.ts";
import { listDatasets } from "./store/read-dataset.ts";
import { removeLeftovers } from "./store/remove-leftovers.ts";
import { createDatasetCache, type DatasetCache } from "./store/dataset-cache.ts";

/** The parts that take part in running functions. */
export interface FunctionParts {
  readonly catalog: Catalog;
  readonly invoker: Invoker;
  readonly rowSets: RowSets;
  readonly datasets: DatasetCache;
  readonly pool: Pool;
  readonly results: ResultStore;
  /** Starts children ahead of need; resolves to how they are isolated from the machine. */
  start(): Promise<Isolation>;
  /** How many processes of functions were started so far. */
  childrenStarted(): number;
  /** Ends every child. The caller closes the engines. */
  close(): Promise<void>;
}

export interface FunctionPartsOptions {
  readonly settings: Settings;
  readonly dataEngine: EngineClient;
  readonly defaultDataset: () => string;
  readonly selectSymbols: (query: string, signal: AbortSignal | undefined) => Promise<readonly string[]>;
  readonly record: (record: InvocationRecord) => void;
  /** Without the data directory's lock, another process may be using the same spool. */
  readonly holdsLock: boolean;
  /** Where functions' environment variables come from; this process's if absent. */
  readonly environment?: Environment;
}

/** Bundles of functions are removed after this time; one that is needed again is built again. */
const CODE_KEPT_MS = 30 * 86_400_000;

/** Cached results, each a folder with a file or two, are limited to this number. */
const RESULTS_MAX = 10_000;

/** Cached results that were not used for this long are removed. */
const RESULTS_KEPT_MS = 7 * 86_400_000;

/** Warm processes of functions that declare `reuse` are limited to this number. */
const REUSED_MAX = 8;

export function wireFunctions(options: FunctionPartsOptions): FunctionParts {
  const { settings, dataEngine, environment = process.env } = options;
  const paths = spoolPaths(settings.data);
  // This process holds the lock, so whatever is unfinished was left by a process that died.
  if (options.holdsLock) {
    for (const dir of [paths.out, paths.stages]) rmSync(dir, { recursive: true, force: true });
    removeUnfinishedVersions(resolve(settings.data));
    removeOlder(paths.code, CODE_KEPT_MS);
    for (const name of listDatasets(settings.data)) removeLeftovers(resolve(settings.data), name);
  }
  for (const dir of Object.values(paths)) mkdirSync(dir, { recursive: true });
  // Built lazily: cached descriptions and current versions are answered without a child.
  const built = lazily(() => buildChild(childBuild(settings, paths)));
  const launching = lazily(async () =>
    createLauncher({
      built: await built.get(),
      cacheDir: paths.child,
      outRoot: paths.out,
      access: childAccess(paths),
    }),
  );
  const launcher = () => launching.get();
  const parallelism = settings.threads === 0 ? availableParallelism() : settings.threads;
  const pool = createPool({
    launcher,
    size: settings.childrenMax,
    waitMax: settings.queueSizeMax,
    backgroundNice: settings.jobNice,
  });
  const projectDir = dirname(dirname(fileURLToPath(import.meta.url)));
  const catalog = createCatalog({
    functionsDir: resolve(settings.functions),
    projectDir,
    codeDir: paths.code,
    childSources: () => built.peek()?.sources,
    createResolver: () => createReusable({ launcher }),
    environment,
  });
  const datasets = createDatasetCache(resolve(settings.data));
  const rowSets = createRowSets({
    spoolDir: paths.spool,
    datasets,
    engine: dataEngine,
    budgetBytes: settings.spoolBytes,
    ownsSpool: options.holdsLock,
  });
  const results = createResultStore({
    dir: paths.results,
    adopts: options.holdsLock,
    bytesMax: settings.resultBytes,
    countMax: RESULTS_MAX,
    ageMsMax: RESULTS_KEPT_MS,
  });
  const warm = createWarmChildren({ create: () => createReusable({ launcher }), max: REUSED_MAX });
  const { name, version } = runtimeFacts();
  const limits: Limits = {
    wallTimeMs: settings.wallTimeMs,
    memoryBytes: settings.memoryBytes,
    outputBytes: settings.outputBytes,
    logBytes: settings.logBytes,
  };
  const invoker = createInvoker({
    catalog,
    datasets,
    sources: createSourceChecker({ dataDir: resolve(settings.data) }),
    rowSets,
    times: createTimesReader(createFileMapper()),
    defaultDataset: options.defaultDataset,
    selectSymbols: options.selectSymbols,
    limits,
    parallelism,
    runtime: { [name]: version },
    dataDir: resolve(settings.data),
    functionsDir: resolve(settings.functions),
    outRoot: paths.out,
    stagesDir: paths.stages,
    pool,
    warm,
    clockOf: createClockOf(),
    functionSlots: createFunctionSlots(settings.queueSizeMax),
    environment,
    results,
    builtBy: async () => ({ [name]: version, child: basename((await built.get()).modulesDir) }),
    willRun: () => {
      pool.fill();
    },
    record: options.record,
    openBody: createOpenBody({ catalog, engine: dataEngine, stagesDir: paths.stages }),
  });
  return {
    catalog,
    invoker,
    rowSets,
    datasets,
    pool,
    results,
    childrenStarted: () => launching.peek()?.startedCount() ?? 0,
    async start() {
      const { isolation } = await launcher();
      pool.fill();
      return isolation;
    },
    async close() {
      await Promise.all([catalog.close(), pool.close(), rowSets.close(), warm.close()]);
      await (await launching.begun()?.catch(() => undefined))?.close();
      await results.close();
    },
  };
}

/** Removes the entries of a folder that have not changed for `ageMs`. */
function removeOlder(dir: string, ageMs: number): void {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (Date.now() - statSync(path).mtimeMs > ageMs) rmSync(path, { recursive: true, force: true });
  }
}
