import { rm } from "node:fs/promises";
import type { Sink } from "../../shared/protocol/child-message.ts";
import type { Environment } from "../catalog/pick-environment.ts";
import type { ClockOf } from "./clock-of.ts";
import type { InvokeOptions } from "./invocation.ts";
import type { PreparedPlan } from "./prepare-plan.ts";
import { createRunFunction, type RunFunctionSettings } from "./run-function.ts";
import { type PartitionResult, type RunningPlan, startPlan } from "./run-plan.ts";

export interface ExecuteSettings extends Pick<
  RunFunctionSettings,
  "pool" | "warm" | "functionSlots" | "outRoot" | "stagesDir"
> {
  readonly parallelism: number;
  readonly environment: Environment;
  readonly clockOf: ClockOf;
}

/** Runs a prepared plan to its end. */
export async function executePlan(
  prepared: PreparedPlan,
  sink: Sink,
  options: InvokeOptions,
  settings: ExecuteSettings,
): Promise<readonly PartitionResult[]> {
  return startExecution(prepared, sink, options, settings).ended;
}

/** Starts a prepared plan; what its upstream stages wrote is gone at its end, and everything if it fails. */
export function startExecution(
  { plan, handles, record }: PreparedPlan,
  sink: Sink,
  options: InvokeOptions,
  settings: ExecuteSettings,
): RunningPlan {
  const { signal, priority, onLog, onProgress } = options;
  const finished: PartitionResult[] = [];
  const partitionCount = plan.stages.reduce((sum, stage) => sum + stage.partitions.length, 0);
  let rowsDone = 0;
  const running = startPlan(plan, {
    handles,
    clock: settings.clockOf(record),
    sink: () => sink,
    // The plan was made from the same variables, and refused where one was missing.
    environmentOf: (names) =>
      Object.fromEntries(names.map((name) => [name, settings.environment[name] ?? ""])),
    parallelism: settings.parallelism,
    signal: signal ?? new AbortController().signal,
    runFunction: createRunFunction({
      ...settings,
      ...(priority === undefined ? {} : { priority }),
      ...(onLog === undefined ? {} : { onLog }),
    }),
    onPartition(stage, result) {
      finished.push(result);
      rowsDone += stage === plan.stages.at(-1) ? result.reply.rowCount : 0;
      onProgress?.({
        stage: stage.function ?? "gather",
        partitionsDone: finished.length,
        partitionCount,
        rowsDone,
        rowCount: plan.outputRowCount,
      });
    },
  });
  return { outputs: running.outputs, ended: tidied(running.ended, finished) };
}

async function tidied(
  ended: RunningPlan["ended"],
  finished: readonly PartitionResult[],
): Promise<readonly PartitionResult[]> {
  try {
    const results = await ended;
    await removeResults(finished.filter((result) => !results.includes(result)));
    return results;
  } catch (error) {
    await removeResults(finished);
    throw error;
  }
}

/** Gives partitions' files back to the disk; what cannot be removed now is at the next start, and fails nobody. */
export async function removeResults(results: readonly PartitionResult[]): Promise<void> {
  await Promise.allSettled(results.map(({ outDir }) => rm(outDir, { recursive: true, force: true })));
}
