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
import { loadDefinition, type LoadedDefinition } from "./load-definition.ts";
import { countingRows, createPartitionProgress, type PartitionProgress } from "./partition-progress.ts";
import { runFeature, type RunTotals } from "./run-feature.ts";
import { runGather } from "./run-gather.ts";
import { runTable } from "./run-table.ts";
import { openSink } from "./sinks/open-sink.ts";
import { UnitReader } from "./unit-reader.ts";

/** Everything a function's process can be asked to do. */
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
  // Not the whole description: its JSON Schema takes longer to make than everything else here.
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
  const sink = openSink(message.sink, {
    outDir,
    outputs: message.outputs.filter(({ name }) => !isTable || !keyed || (name !== "ts" && name !== "symbol")),
    symbols: message.resultSymbols ?? message.symbols,
    tsType: outputTsType(message),
    keyed,
    ownRows: isTable,
    resume: reader.resume,
  });
  const openedAt = performance.now();
  const totals = runDefinition(loaded, message, reader, sink, progress);
  const closingAt = performance.now();
  const result = sink.close(totals.states);
  const closedAt = performance.now();
  for (const { name, infCount } of result.columns) {
    if (infCount > 0)
      warnings.add(`Output ${JSON.stringify(name)} held infinite values, stored as null`, infCount);
  }
  return {
    ...result,
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
  message: RunMessage,
  reader: UnitReader,
  sink: ReturnType<typeof openSink>,
  progress: PartitionProgress | undefined,
): RunTotals {
  if (loaded === null) return runGather(message, reader, sink, progress);
  const params = deepFreeze(fromJsonParams(message.params));
  const { shape, definition } = progress === undefined ? loaded : countingRows(loaded, progress);
  return shape === "feature"
    ? runFeature(definition, params, message, reader, sink)
    : runTable(definition, params, message, reader, sink);
}

/** Nothing is counted where nobody asks for it. */
function progressOf(message: RunMessage, child: ChildContext): PartitionProgress | undefined {
  const { progressMs: everyMs, units, module } = message;
  if (everyMs === undefined) return undefined;
  const rowCount = (module === null ? units.outputRowCount : units.rowCount).reduce((sum, n) => sum + n, 0);
  return createPartitionProgress({ rowCount, everyMs, send: (share) => child.progress(share) });
}

/** A keyed table function says its own type of event time; a feature keeps its input's. */
function outputTsType(message: RunMessage): "date32" | "timestamp" {
  const own =
    message.shape === "table" ? message.outputs.find((output) => output.name === "ts")?.type : undefined;
  return own === "date32" || own === "timestamp" ? own : message.tsType;
}

function isChildMessage(message: unknown): message is ChildMessage {
  if (typeof message !== "object" || message === null || !("type" in message)) return false;
  return message.type === "describe" || message.type === "resolve" || message.type === "run";
}
