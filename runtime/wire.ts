import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createApp } from "./app.ts";
import {
  createFormatService,
  createImportService,
  createSqlService,
  selectSymbols,
} from "./engine-services.ts";
import { startEngine } from "./engine/start-engine.ts";
import type { Invoker } from "./invoke/invocation.ts";
import { currentSets } from "./invoke/current-sets.ts";
import { createJobs } from "./jobs/create-jobs.ts";
import { openJobResults } from "./jobs/job-results.ts";
import { runtimeFacts } from "./platform/runtime-facts.ts";
import { createLifecycle } from "./routes/lifecycle.ts";
import { createMetrics } from "./routes/metrics.ts";
import { toProblem } from "./routes/problem.ts";
import type { Logger, ReadinessCheck, Services } from "./routes/services.ts";
import { wireSchedule } from "./schedule/wire-schedule.ts";
import type { Settings } from "./settings.ts";
import {
  type ControlDatabase,
  type InvocationRecord,
  openControlDatabase,
} from "./store/control-database.ts";
import { defaultDataset } from "./store/default-dataset.ts";
import { openJobRecords } from "./store/job-records.ts";
import { createPatientWriter } from "./store/patient-writer.ts";
import { createTrainingService } from "./training/training-service.ts";
import { spoolPaths } from "./spool-paths.ts";
import { type FunctionParts, wireFunctions } from "./wire-functions.ts";
import type { Wired, WireOptions } from "./wired.ts";

/** How long closing waits for jobs to stop by themselves. */
const JOBS_STOP_MS = 2_000;

/** Limit on ended calls that could not be recorded yet; beyond it, the oldest are dropped. */
const UNWRITTEN_MAX = 1_000;

/** Puts the real parts of a process together. Other processes start only when something needs them. */
export function wire({
  version,
  onLog,
  onAuthorOutput,
  ...options
}: WireOptions & { readonly version: string }): Wired {
  const settings = { ...options.settings, data: resolve(options.settings.data) };
  const paths = spoolPaths(settings.data);
  const facts = runtimeFacts();
  const engines = startEngines(settings, paths.spool, onLog);
  const sql = createSqlService(engines.sql, {
    timeoutMs: settings.sqlTimeoutMs,
    concurrency: settings.sqlConcurrency,
  });
  const control = lazyControl(settings);
  const lifecycle = createLifecycle();
  let parts: FunctionParts | undefined;
  const metrics = createMetrics({
    activeRequests: () => lifecycle.activeCount,
    children: () => parts?.pool.stats() ?? { idle: 0, running: 0, waiting: 0 },
    childrenStarted: () => parts?.childrenStarted() ?? 0,
    spoolBytes: () => parts?.rowSets.stats().byteLength ?? 0,
  });
  // Wired at first use: most commands run no function, and wiring cleans and creates folders in the spool.
  const functions = () =>
    (parts ??= wireFunctions({
      settings,
      dataEngine: engines.data,
      holdsLock: options.holdsLock,
      defaultDataset: () => defaultDataset(settings.data, settings.defaultDataset),
      selectSymbols: (query, signal) => selectSymbols(sql, query, signal),
      record: (record) => {
        metrics.invocation(record.function, record.outcome, record.durationMs, record.rowCount);
        control.record(record);
      },
    }));
  const logger: Logger = { info: (text) => onLog(`${text}\n`), error: (text) => onLog(`${text}\n`) };
  const invoker = lazyInvoker(functions, () => engines.data.start());
  const jobs = createJobs({
    openRecords: () => {
      mkdirSync(settings.data, { recursive: true });
      return openJobRecords(join(settings.data, "quiver.db"), settings.invocationsKeptMax);
    },
    results: openJobResults(join(paths.spool, "jobs"), settings.jobResultBytes),
    invoker,
    runningMax: settings.jobsMax,
    queueSizeMax: settings.jobQueueSizeMax,
    crashesMax: settings.jobCrashesMax,
    resultKeptMs: settings.jobResultKeptMs,
    toProblem: (error) => toProblem(error, logger),
    onLog: onAuthorOutput,
    report: (text) => logger.error(text),
  });
  const schedule = wireSchedule({
    settings,
    jobs,
    invoker,
    graph: () => functions().catalog.graph(),
    current: (dataset) => {
      const { data, defaultDataset: preferred } = settings;
      return currentSets(data, dataset ?? defaultDataset(data, preferred), functions().catalog);
    },
    report: (text) => logger.info(text),
  });
  const services: Services = {
    version,
    runtime: `${facts.name} ${facts.version}`,
    instance: randomUUID(),
    settings,
    get catalog() {
      return functions().catalog;
    },
    invoker,
    jobs,
    schedule,
    results: {
      collectUnused: (since, dryRun) => functions().results.collectUnused(since, dryRun),
    },
    sql,
    formats: createFormatService(engines.sql),
    training: createTrainingService({
      dataDir: settings.data,
      catalog: () => functions().catalog,
      engine: engines.sql,
      timeoutMs: settings.wallTimeMs,
      concurrency: settings.sqlConcurrency,
    }),
    imports: createImportService(engines.data),
    control,
    metrics,
    lifecycle,
    logger,
    onAuthorOutput,
    uploadDir: paths.uploads,
    async readiness() {
      const children = functions();
      const { by, network, files } = await children.start();
      const { idle, starting, running, waiting } = children.pool.stats();
      const { duckdbVersion } = await engines.data.request({ op: "ping" });
      const checks: readonly ReadinessCheck[] = [
        {
          name: "children",
          ok: idle + running > 0,
          detail: `${idle} idle, ${starting} starting, ${running} running, ${waiting} callers waiting`,
        },
        { name: "isolation", ok: true, detail: `${by}: network ${network}, files ${files}` },
        { name: "engine", ok: true, detail: `DuckDB ${duckdbVersion}` },
      ];
      return checks;
    },
  };
  return {
    app: createApp(services),
    services,
    async warm() {
      engines.data.start();
      engines.sql.start();
      await functions().start();
      // Opens the database now, while nobody waits: opening waits longer for a busy database than writing does.
      if (options.holdsLock) control.find("");
    },
    async close() {
      schedule.close();
      // A job that ignores the request ends below, with the processes that it waits for.
      await Promise.race([jobs.stop(), sleep(JOBS_STOP_MS, undefined, { ref: false })]);
      await Promise.all([parts?.close(), engines.data.close(), engines.sql.close()]);
      control.close();
      jobs.close();
      if (options.holdsLock) rmSync(paths.uploads, { recursive: true, force: true });
    },
  };
}

/** Each process starts with the first request to it: most commands need one of the two, or neither. */
function startEngines(settings: Settings, spoolDir: string, onLog: (text: string) => void) {
  const threads = settings.threads === 0 ? availableParallelism() : settings.threads;
  const shared = { dataDir: settings.data, spoolDir, threads, onLog, startsLate: true };
  return {
    data: startEngine({ role: "data", ...shared, memoryLimitBytes: settings.engineMemoryBytes }),
    sql: startEngine({ role: "sql", ...shared, memoryLimitBytes: settings.sqlMemoryBytes }),
  };
}

/** Opens the database at first use: commands that only read record nothing and must not create one. */
function lazyControl({ data, invocationsKeptMax }: Settings): ControlDatabase {
  let opened: ControlDatabase | undefined;
  const open = () => {
    // Only once: on a busy disk, even checking a directory that exists takes time.
    if (opened === undefined) mkdirSync(data, { recursive: true });
    return (opened ??= openControlDatabase(join(data, "quiver.db"), invocationsKeptMax));
  };
  const writer = createPatientWriter<InvocationRecord>({
    write: (invocation) => open().record(invocation),
    keptMax: UNWRITTEN_MAX,
  });
  return {
    record: (invocation) => writer.write(invocation.id, invocation),
    list: (filter) => open().list(filter),
    find: (id) => writer.unwritten(id) ?? open().find(id),
    close: () => {
      writer.close();
      opened?.close();
    },
  };
}

/** Wires functions at the first call, and starts the engine before that: computing rows almost always needs it. */
function lazyInvoker(functions: () => FunctionParts, startEngine: () => void): Invoker {
  const before = () => {
    startEngine();
    return functions().invoker;
  };
  return {
    explain: (request, options) => functions().invoker.explain(request, options),
    check: (request, options) => functions().invoker.check(request, options),
    why: (request, options) => functions().invoker.why(request, options),
    publish: (request, options) => functions().invoker.publish(request, options),
    invoke: (request, options) => before().invoke(request, options),
    stream: (request, options) => before().stream(request, options),
  };
}
