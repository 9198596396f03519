import { describeFunction, resolveFunction } from "../../shared/contract/describe.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { ChildMessage, RunMessage, RunReply } from "../../shared/protocol/child-message.ts";
import type { ChildContext } from "./child-context.ts";
import { loadDefinition } from "./load-definition.ts";
import { runFeature, type RunTotals } from "./run-feature.ts";
import { runGather } from "./run-gather.ts";
import { runTable } from "./run-table.ts";
import { openSink } from "./sinks/open-sink.ts";
import { UnitReader } from "./unit-reader.ts";
import { WarningCounts } from "./warning-counts.ts";

/** Everything a function's process can be asked to do. */
export async function handleMessage(message: unknown, child: ChildContext): Promise<unknown> {
  if (!isChildMessage(message)) throw new Error("A child was sent something that is not a message");
  switch (message.type) {
    case "describe":
      return describeFunction(await loadDefinition(message.module, child));
    case "resolve":
      return resolveFunction(await loadDefinition(message.module, child), message.params);
    case "run":
      return run(message, child);
  }
}

async function run(message: RunMessage, child: ChildContext): Promise<RunReply> {
  const startedAt = performance.now();
  const warnings = new WarningCounts();
  const reader = new UnitReader(message, child, warnings);
  const mappedAt = performance.now();
  child.dropPrivileges();
  const loaded = message.module === null ? null : await loadDefinition(message.module, child);
  const importedAt = performance.now();
  const keyed = message.shape === "feature" || message.outputs.some((output) => output.name === "ts");
  const { outputs, symbols } = message;
  const sink = openSink(message.sink, {
    outDir: child.outDir,
    outputs: outputs.filter(
      ({ name }) => message.shape === "feature" || (name !== "ts" && !(keyed && name === "symbol")),
    ),
    symbols,
    tsType: outputTsType(message),
    keyed,
    ownRows: message.shape === "table",
  });
  const openedAt = performance.now();
  const totals = runDefinition(loaded, message, reader, sink);
  const closingAt = performance.now();
  const result = sink.close();
  const closedAt = performance.now();
  for (const { name, infCount } of result.columns) {
    if (infCount > 0)
      warnings.add(`Output ${JSON.stringify(name)} held infinite values, stored as null`, infCount);
  }
  return {
    ...result,
    outDir: child.outDir,
    rowCount: totals.rowCount,
    firstTs: totals.firstTs,
    lastTs: totals.lastTs,
    unitRowCounts: totals.unitRowCounts,
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
  loaded: Awaited<ReturnType<typeof loadDefinition>> | null,
  message: RunMessage,
  reader: UnitReader,
  sink: ReturnType<typeof openSink>,
): RunTotals {
  if (loaded === null) return runGather(message, reader, sink);
  const params = parseParams(loaded.params, message.params);
  return loaded.shape === "feature"
    ? runFeature(loaded.definition, params, message, reader, sink)
    : runTable(loaded.definition, params, message, reader, sink);
}

/** The plan holds parameters as given, so that what parsing makes of them need not be JSON. */
function parseParams(
  schema: { safeParse(given: unknown): { success: boolean; data?: Record<string, unknown> } },
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const parsed = schema.safeParse(given);
  if (parsed.success && parsed.data !== undefined) return parsed.data;
  throw new QuiverError("parameter-invalid", "The parameters were admitted before and are refused now.", {
    given,
  });
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
