import { randomUUID } from "node:crypto";
import { lstatSync, type Stats } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { defined } from "../../shared/defined.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { RunMessage, RunReply } from "../../shared/protocol/child-message.ts";
import type { Outcome } from "../../shared/protocol/outcome.ts";
import { parseRunReply } from "../../shared/protocol/parse-reply.ts";
import { functionErrorOf } from "../catalog/function-error.ts";
import type { PlannedStage } from "../plan/invocation-plan.ts";
import type { Pool, RunOptions } from "../process/child-handle.ts";
import { isBackground, PRIORITY } from "../process/priority.ts";
import type { WarmChildren } from "../process/warm-children.ts";
import type { StoredResult } from "../results/result-store.ts";
import type { FunctionSlots } from "../concurrency/function-slots.ts";

/** The result of one process. */
export interface FunctionRun extends StoredResult {
  /** Column files written in addition, as a result of their own. */
  readonly columns?: StoredResult;
}

/** Runs one partition in a process. Rejects with the reason of a failure, after removing its files. */
export type RunFunction = (
  stage: PlannedStage,
  message: RunMessage,
  signal: AbortSignal,
  /** Receives the process's progress, if the message asks for it. */
  onProgress?: (value: unknown) => void,
) => Promise<FunctionRun>;

export interface RunFunctionSettings {
  readonly pool: Pool;
  /** Processes of functions that declare `reuse`. */
  readonly warm: WarmChildren;
  readonly functionSlots: FunctionSlots;
  readonly outRoot: string;
  /** Results for other functions are moved here, because a child cannot read another child's folder. */
  readonly stagesDir: string;
  readonly priority?: number;
  readonly onLog?: (text: string) => void;
}

export function createRunFunction(settings: RunFunctionSettings): RunFunction {
  const { pool, warm, functionSlots, priority = PRIORITY.interactive, onLog } = settings;

  async function runFresh(
    stage: PlannedStage,
    message: RunMessage,
    options: RunOptions & { readonly signal: AbortSignal },
  ): Promise<FunctionRun> {
    const child = await pool.acquire({ priority, signal: options.signal });
    try {
      const outcome = await child.run(message, stage.limits, options);
      const reply = replyOf(outcome, stage);
      refuseOtherFiles(reply, child.outDir, stage);
      const outDir =
        message.sink.kind === "columns" ? await moveInto(settings.stagesDir, child.outDir) : child.outDir;
      return await apart({ reply, outDir, ...factsOf(outcome) }, settings.stagesDir);
    } catch (error) {
      await rm(child.outDir, { recursive: true, force: true });
      throw error;
    }
  }

  async function runWarm(
    stage: PlannedStage,
    message: RunMessage,
    options: RunOptions,
  ): Promise<FunctionRun> {
    // A warm process serves one call at a time: interactive calls must not wait behind a job's partitions.
    const lane = isBackground(priority) ? "/background" : "";
    return warm.use(`${stage.function}/${stage.codeFingerprint}${lane}`, async (child) => {
      const outcome = await child.run(message, stage.limits, options);
      const reply = replyOf(outcome, stage);
      const outDir = await takeFolder(reply, settings, message, stage);
      return apart({ reply, outDir, ...factsOf(outcome) }, settings.stagesDir);
    });
  }

  return (stage, message, signal, onProgress) => {
    const options = {
      signal,
      ...defined({ onLog, onProgress }),
    };
    // Built-in stages have neither a name nor a limit.
    const concurrency = stage.function === null ? null : stage.concurrency;
    return functionSlots.run(stage.function ?? "", concurrency, { signal, priority }, () =>
      stage.reuse ? runWarm(stage, message, options) : runFresh(stage, message, options),
    );
  };
}

function replyOf(outcome: Outcome, stage: PlannedStage): RunReply {
  if (outcome.kind === "ok") return parseRunReply(outcome.reply);
  throw functionErrorOf(outcome, stage.function ?? "gather", stage.module ?? "");
}

function factsOf(outcome: Outcome): { peakMemoryBytes: number; logTail: string } {
  return { peakMemoryBytes: outcome.peakMemoryBytes, logTail: outcome.logTail };
}

/** Moves additional column files to where other functions can read them, as a result of their own. */
async function apart(run: StoredResult, stagesDir: string): Promise<FunctionRun> {
  const { besides, ...reply } = run.reply;
  if (besides === undefined) return run;
  const outDir = join(stagesDir, randomUUID());
  await mkdir(outDir);
  await Promise.all(besides.files.map(({ file }) => rename(join(run.outDir, file), join(outDir, file))));
  const columns = { ...run, reply: { ...reply, ...besides, batches: [], checksumFile: null }, outDir };
  return { ...run, reply, columns };
}

async function moveInto(parent: string, dir: string): Promise<string> {
  const target = join(parent, basename(dir));
  await rename(dir, target);
  return target;
}

/** A warm process keeps writing to its own folder, which goes when the process ends, so this result is moved out. */
async function takeFolder(
  reply: RunReply,
  { outRoot, stagesDir }: RunFunctionSettings,
  message: RunMessage,
  stage: PlannedStage,
): Promise<string> {
  const from = checkedFolder(reply.outDir, outRoot, message.outFolder);
  refuseOtherFiles(reply, from, stage);
  return moveInto(message.sink.kind === "columns" ? stagesDir : outRoot, from);
}

/** The process reports where it wrote. Author code could have forged that, so it is checked. */
function checkedFolder(outDir: string, outRoot: string, name: string | null): string {
  const isOurs =
    name !== null &&
    basename(outDir) === name &&
    dirname(dirname(outDir)) === outRoot &&
    !outDir.includes("..");
  if (isOurs && lstatSync(outDir).isDirectory()) return outDir;
  throw new QuiverError(
    "contract-broken",
    "A function's process named an output folder that is not its own.",
    { outDir },
  );
}

/**
 * Author code ran in the result's folder. A link in place of a file would make the server read what the author must
 * not, and a truncated file would crash the process that maps it.
 */
function refuseOtherFiles(reply: RunReply, dir: string, stage: PlannedStage): void {
  const sizes = new Map(
    [...reply.files, ...(reply.besides?.files ?? [])].map(({ file, byteLength }) => [file, byteLength]),
  );
  for (const file of filesOf(reply)) {
    // Synchronous: every call makes one or two of these, and a promise would take fifty times as long.
    const isName = basename(file) === file;
    const stat = isName ? lookAt(join(dir, file)) : undefined;
    const expected = sizes.get(file);
    if (stat?.isFile() === true && (expected === undefined || stat.size === expected)) continue;
    throw new QuiverError(
      "contract-broken",
      `The function ${JSON.stringify(stage.function)} broke its contract: its result file ${JSON.stringify(file)} is not as ` +
        "Quiver wrote it. A handler must not touch the folder it runs in.",
      { function: stage.function, file },
    );
  }
}

/** Undefined if the file cannot be examined for any reason: Quiver did not write it like that. */
function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    // Author code may have moved it or closed its folder.
    return undefined;
  }
}

function filesOf(reply: RunReply): string[] {
  return [
    ...reply.files.map(({ file }) => file),
    ...(reply.besides?.files ?? []).map(({ file }) => file),
    ...(reply.checksumFile === null ? [] : [reply.checksumFile]),
  ];
}
