import { defined } from "../../shared/defined.ts";
import type { Sink } from "../../shared/protocol/child-message.ts";
import type { Environment } from "../catalog/pick-environment.ts";
import { type KeyFacts, partitionKeysOf } from "../results/partition-key.ts";
import { type PartitionResult, releaseResults } from "../results/partition-result.ts";
import type { ResultStore } from "../results/result-store.ts";
import type { ClockOf } from "./clock-of.ts";
import type { InvokeOptions } from "./invocation.ts";
import { createPlanProgress } from "./plan-progress.ts";
import type { PreparedPlan } from "./prepare-plan.ts";
import { createRunFunction, type RunFunctionSettings } from "./run-function.ts";
import { type RunningPlan, startPlan } from "./run-plan.ts";

export interface ExecuteSettings extends Pick<
  RunFunctionSettings,
  "pool" | "warm" | "functionSlots" | "outRoot" | "stagesDir"
> {
  readonly parallelism: number;
  readonly environment: Environment;
  readonly clockOf: ClockOf;
  readonly results: ResultStore;
  /** Names the program that computes, because another one may write other files. */
  readonly builtBy: () => Promise<Readonly<Record<string, string>>>;
}

/** What each partition of the last stage writes, where that differs. */
export type SinkOf = (partition: number) => Sink;

/** Runs a prepared plan to its end. */
export async function executePlan(
  prepared: PreparedPlan,
  sink: Sink | SinkOf,
  options: InvokeOptions,
  settings: ExecuteSettings,
): Promise<readonly PartitionResult[]> {
  const running = await startExecution(prepared, sink, options, settings);
  return running.ended;
}

/** Starts a prepared plan. Releases the results of its upstream stages at its end, and all results if it fails. */
export async function startExecution(
  { plan, handles, record, before }: PreparedPlan,
  sink: Sink | SinkOf,
  options: InvokeOptions,
  settings: ExecuteSettings,
): Promise<RunningPlan> {
  const { signal, priority, onLog, onProgress, recompute = false, durable = false } = options;
  const finished: PartitionResult[] = [];
  const facts = await keyFactsOf(record, settings);
  const { clock, environmentOf } = facts;
  const keyOf = partitionKeysOf(plan, facts);
  const running = startPlan(plan, {
    handles,
    clock,
    sink: typeof sink === "function" ? sink : () => sink,
    environmentOf,
    results: { store: settings.results, keyOf, bypass: recompute, durable },
    parallelism: settings.parallelism,
    signal: signal ?? new AbortController().signal,
    runFunction: createRunFunction({
      ...settings,
      ...defined({ priority, onLog }),
    }),
    onPartition: (_, result) => finished.push(result),
    ...(onProgress === undefined ? {} : { progress: createPlanProgress(plan, onProgress, before) }),
  });
  return { outputs: running.outputs, ended: tidied(running.ended, finished) };
}

/** What the keys of results depend on in addition to the plan. */
export async function keyFactsOf(
  record: PreparedPlan["record"],
  { clockOf, environment, builtBy }: Pick<ExecuteSettings, "clockOf" | "environment" | "builtBy">,
): Promise<KeyFacts> {
  return {
    clock: clockOf(record),
    runtime: await builtBy(),
    // Planning has refused missing variables already.
    environmentOf: (names) => Object.fromEntries(names.map((name) => [name, environment[name] ?? ""])),
  };
}

async function tidied(
  ended: RunningPlan["ended"],
  finished: readonly PartitionResult[],
): Promise<readonly PartitionResult[]> {
  try {
    const results = await ended;
    await releaseResults(finished.filter((result) => !results.includes(result)));
    return results;
  } catch (error) {
    await releaseResults(finished);
    throw error;
  }
}
