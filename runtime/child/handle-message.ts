import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  definitionProblem,
  describeFunction,
  fromJsonParams,
  resolveFunction,
} from "../../shared/contract/describe.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import { deepFreeze } from "../../shared/handler/deep-freeze.ts";
import { WarningCounts } from "../../shared/handler/warning-counts.ts";
import type {
  ChildMessage,
  ResolveMessage,
  ResolveReply,
  RunMessage,
  RunReply,
} from "../../shared/protocol/child-message.ts";
import type { ChildContext } from "./child-context.ts";
import { ColumnCopies, copyingTo } from "./column-copies.ts";
import { loadDefinition, type LoadedDefinition } from "./load-definition.ts";
import { countingRows, createPartitionProgress, type PartitionProgress } from "./partition-progress.ts";
import { runFeature } from "./run-feature.ts";
import { runGather } from "./run-gather.ts";
import { runTable } from "./run-table.ts";
import type { HandlerRun, PartitionRun, RunTotals } from "./run-totals.ts";
import { openSink } from "./sinks/open-sink.ts";
import type { OutputSink, SinkOptions, SinkResult } from "./sinks/output-batch.ts";
import { UnitReader } from "./unit-reader.ts";

/** Everything that a function's process can be asked to do. */
export async function handleMessage(message: unknown, child: ChildContext): Promise<unknown> {
  if (!isChildMessage(message)) throw new Error("A child was sent something that is not a message");
  switch (message.type) {
    case "describe":
      return describeFunction(await loadDefinition(message.module, child));
    case "resolve":
      return resolve(message, child);
    case "run":
      return run(message, child);
  }
}

async function resolve(message: ResolveMessage, child: ChildContext): Promise<ResolveReply> {
  child.setEnvironment(message.environment);
  const loaded = await loadDefinition(message.module, child);
  const resolution = resolveFunction(loaded, message.params);
  if (!resolution.ok) return resolution;
  // Not the whole description, because its JSON Schema takes longer than everything else here.
  const { shape, definition } = loaded;
  const problem = definitionProblem(
    { shape, partition: definition.partition ?? "symbol" },
    resolution.resolved,
  );
  if (problem === undefined) return resolution;
  throw new QuiverError("function-invalid", `Cannot use this function: it ${problem}.`);
}

async function run(message: RunMessage, child: ChildContext): Promise<RunReply> {
  if (message.outFolder === null) return runInto(child.outDir, message, child);
  const outDir = join(child.outDir, message.outFolder);
  mkdirSync(outDir);
  try {
    return await runInto(outDir, message, child);
  } catch (error) {
    rmSync(outDir, { recursive: true, force: true });
    throw error;
  }
}

async function runInto(outDir: string, message: RunMessage, child: ChildContext): Promise<RunReply> {
  const startedAt = performance.now();
  const warnings = new WarningCounts();
  const reader = new UnitReader(message, child, warnings);
  const mappedAt = performance.now();
  child.dropPrivileges({ keepMapping: message.outFolder !== null });
  child.setEnvironment(message.environment);
  const progress = progressOf(message, child);
  const loaded = message.module === null ? null : await loadDefinition(message.module, child);
  const importedAt = performance.now();
  const isTable = message.shape === "table";
  const keyed = !isTable || message.outputs.some((output) => output.name === "ts");
  const sinkOptions: SinkOptions = {
    outDir,
    outputs: message.outputs.filter(({ name }) => !isTable || !keyed || (name !== "ts" && name !== "symbol")),
    symbols: message.resultSymbols ?? message.symbols,
    tsType: outputTsType(message),
    keyed,
    ownRows: isTable,
    resume: reader.resume,
  };
  const sink = openSink(message.sink, sinkOptions);
  const copies = openCopies(message, sinkOptions);
  const openedAt = performance.now();
  const totals = runDefinition(loaded, { message, reader, sink }, copies, progress);
  const closingAt = performance.now();
  const result = sink.close(totals.states);
  const besides = copies === undefined ? undefined : besidesOf(copies.close());
  const closedAt = performance.now();
  for (const { name, infCount } of result.columns) {
    if (infCount > 0)
      warnings.add(`Output ${JSON.stringify(name)} held infinite values, stored as null`, infCount);
  }
  return {
    ...result,
    ...(besides === undefined ? {} : { besides }),
    outDir,
    rowCount: totals.rowCount,
    firstTs: totals.firstTs,
    lastTs: totals.lastTs,
    symbolRows: totals.symbolRows,
    warnings: warnings.toJSON(),
    timings: {
      mapMs: mappedAt - startedAt,
      importMs: importedAt - mappedAt,
      handlerMs: totals.handlerMs,
      sinkMs: totals.sinkMs + (closedAt - closingAt) + (openedAt - importedAt),
    },
  };
}

function runDefinition(
  loaded: LoadedDefinition | null,
  partition: PartitionRun,
  copies: OutputSink | undefined,
  progress: PartitionProgress | undefined,
): RunTotals {
  if (loaded === null) return runGather(partition, progress);
  const { message, reader, sink } = partition;
  const run: HandlerRun = { ...partition, params: deepFreeze(fromJsonParams(message.params)) };
  const { shape, definition } = progress === undefined ? loaded : countingRows(loaded, progress);
  if (shape === "table") {
    return runTable(definition, copies === undefined ? run : { ...run, sink: copyingTo(copies, sink) });
  }
  if (copies === undefined) return runFeature(definition, run);
  const longest = reader.units.outputRowCount.reduce((most, rows) => Math.max(most, rows), 0);
  const rows = new ColumnCopies(copies, message.outputs, longest);
  const totals = runFeature(definition, run, rows);
  rows.flush();
  return totals;
}

/** Opens column files in addition to a version's files, if other functions wait for them. */
function openCopies({ sink }: RunMessage, options: SinkOptions): OutputSink | undefined {
  return sink.kind === "parquet" && sink.withColumns === true
    ? openSink({ kind: "columns" }, options)
    : undefined;
}

function besidesOf({ files, columns }: SinkResult): NonNullable<RunReply["besides"]> {
  return { files, columns };
}

/** Counts rows only if somebody asked for progress. */
function progressOf(message: RunMessage, child: ChildContext): PartitionProgress | undefined {
  const { progressMs: everyMs, units, module } = message;
  if (everyMs === undefined) return undefined;
  const rowCount = (module === null ? units.outputRowCount : units.rowCount).reduce((sum, n) => sum + n, 0);
  return createPartitionProgress({ rowCount, everyMs, send: (share) => child.progress(share) });
}

/** A keyed table function declares its own type of event time; a feature keeps its input's. */
function outputTsType(message: RunMessage): "date32" | "timestamp" {
  const own =
    message.shape === "table" ? message.outputs.find((output) => output.name === "ts")?.type : undefined;
  return own === "date32" || own === "timestamp" ? own : message.tsType;
}

function isChildMessage(message: unknown): message is ChildMessage {
  if (typeof message !== "object" || message === null || !("type" in message)) return false;
  return message.type === "describe" || message.type === "resolve" || message.type === "run";
}
