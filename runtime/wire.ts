import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createApp } from "./app.ts";
import type { Catalog } from "./catalog/catalog.ts";
import type { Wired, WireOptions } from "./cli/context.ts";
import {
  createFormatService,
  createImportService,
  createSqlService,
  selectSymbols,
} from "./engine-services.ts";
import { startEngine } from "./engine/start-engine.ts";
import type { Invoker } from "./invoke/invocation.ts";
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
import { type FunctionParts, spoolPaths, wireFunctions } from "./wire-functions.ts";

/** How long jobs may take to end of themselves when everything is closed. */
const JOBS_STOP_MS = 2_000;

/** Calls that have ended and could not be written down yet; beyond that the oldest are forgotten. */
const UNWRITTEN_MAX = 1_000;

/** Puts the real parts of a process together. Other processes start when something needs them. */
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
  let starting: Promise<FunctionParts> | undefined;
  let started: FunctionParts | undefined;
  const metrics = createMetrics({
    activeRequests: () => lifecycle.activeCount,
    children: () => started?.pool.stats() ?? { idle: 0, running: 0, waiting: 0 },
    childrenStarted: () => started?.childrenStarted() ?? 0,
    spoolBytes: () => started?.rowSets.stats().byteLength ?? 0,
  });
  const functions = async () => {
    starting ??= wireFunctions({
      settings,
      dataEngine: engines.data,
      holdsLock: options.holdsLock,
      defaultDataset: () => defaultDataset(settings.data, settings.defaultDataset),
      selectSymbols: (query, signal) => selectSymbols(sql, query, signal),
      record: (record) => {
        metrics.invocation(record.function, record.outcome, record.durationMs, record.rowCount);
        control.record(record);
      },
    });
    return (started ??= await starting);
  };
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
  const catalog = lazyCatalog(functions);
  const schedule = wireSchedule({ settings, jobs, catalog, report: (text) => logger.info(text) });
  const services: Services = {
    version,
    runtime: `${facts.name} ${facts.version}`,
    instance: randomUUID(),
    settings,
    catalog,
    invoker,
    jobs,
    schedule,
    results: {
      collectUnused: async (since, dryRun) => (await functions()).results.collectUnused(since, dryRun),
    },
    sql,
    formats: createFormatService(engines.sql),
    training: createTrainingService({
      dataDir: settings.data,
      catalog,
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
      const parts = await functions();
      const { by, network, files } = await parts.start();
      const { idle, starting: coming, running, waiting } = parts.pool.stats();
      const { duckdbVersion } = await engines.data.request({ op: "ping" });
      const checks: readonly ReadinessCheck[] = [
        {
          name: "children",
          ok: idle + running > 0,
          detail: `${idle} idle, ${coming} starting, ${running} running, ${waiting} callers waiting`,
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
      await (await functions()).start();
      // While nobody waits: opening has more patience than writing.
      if (options.holdsLock) control.find("");
    },
    async close() {
      schedule.close();
      // What does not heed that is ended with the processes it waits for.
      await Promise.race([jobs.stop(), sleep(JOBS_STOP_MS, undefined, { ref: false })]);
      const running = await starting?.catch(() => undefined);
      await Promise.all([running?.close(), engines.data.close(), engines.sql.close()]);
      control.close();
      jobs.close();
      if (options.holdsLock) rmSync(paths.uploads, { recursive: true, force: true });
    },
  };
}

/** Their processes are started when something is asked of them: most commands ask nothing of one, or of either. */
function startEngines(settings: Settings, spoolDir: string, onLog: (text: string) => void) {
  const threads = settings.threads === 0 ? availableParallelism() : settings.threads;
  const shared = { dataDir: settings.data, spoolDir, threads, onLog, startsLate: true };
  return {
    data: startEngine({ role: "data", ...shared, memoryLimitBytes: settings.engineMemoryBytes }),
    sql: startEngine({ role: "sql", ...shared, memoryLimitBytes: settings.sqlMemoryBytes }),
  };
}

/** Reading commands record nothing, and must not make a database in a directory that they may not write to. */
function lazyControl({ data, invocationsKeptMax }: Settings): ControlDatabase {
  let opened: ControlDatabase | undefined;
  const open = () => {
    // Not on every call: on a busy disk even a directory that is there takes its time.
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

function lazyCatalog(parts: () => Promise<FunctionParts>): Catalog {
  return {
    list: async () => (await parts()).catalog.list(),
    graph: async () => (await parts()).catalog.graph(),
    get: async (name) => (await parts()).catalog.get(name),
    resolve: async (entry, params) => (await parts()).catalog.resolve(entry, params),
    // The parts close their own.
    close: () => Promise.resolve(),
  };
}

/** What computes for a caller will read columns: `expectLoads` is told before anything else is begun. */
function lazyInvoker(parts: () => Promise<FunctionParts>, expectLoads: () => void): Invoker {
  return {
    explain: async (request, options) => (await parts()).invoker.explain(request, options),
    check: async (request, options) => (await parts()).invoker.check(request, options),
    invoke: async (request, options) => {
      expectLoads();
      return (await parts()).invoker.invoke(request, options);
    },
    why: async (request, options) => (await parts()).invoker.why(request, options),
    stream: async (request, options) => {
      expectLoads();
      return (await parts()).invoker.stream(request, options);
    },
    publish: async (request, options) => (await parts()).invoker.publish(request, options),
  };
}
