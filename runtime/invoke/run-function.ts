import { randomUUID } from "node:crypto";
import { lstatSync, type Stats } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
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

/** What came back from one process. */
export interface FunctionRun extends StoredResult {
  /** Column files that were asked for besides, as a result of their own. */
  readonly columns?: StoredResult;
}

/** Runs one partition in a process; rejects with what went wrong, its files removed. */
export type RunFunction = (
  stage: PlannedStage,
  message: RunMessage,
  signal: AbortSignal,
  /** What the process says of how far it is, where the message asks for that. */
  onProgress?: (value: unknown) => void,
) => Promise<FunctionRun>;

export interface RunFunctionSettings {
  readonly pool: Pool;
  /** Processes of functions that ask for reuse. */
  readonly warm: WarmChildren;
  readonly functionSlots: FunctionSlots;
  readonly outRoot: string;
  /** Where results for other functions are moved: what one child wrote, another can only read from here. */
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
      ...(onLog === undefined ? {} : { onLog }),
      ...(onProgress === undefined ? {} : { onProgress }),
    };
    // Built-ins have no name, and no limit of their own.
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

/** Column files written besides go where other functions can read them, and are a result of their own. */
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

/** A reused process goes on writing to its own folder, and takes it along when it ends: this result is moved out of it. */
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

/** The process says where it wrote; what author code could have said is not believed unseen. */
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
 * Author code ran in the folder that holds the result. A link in place of a file would have the server read what the
 * author cannot, and a file cut short would crash whoever maps it.
 */
function refuseOtherFiles(reply: RunReply, dir: string, stage: PlannedStage): void {
  const sizes = new Map(
    [...reply.files, ...(reply.besides?.files ?? [])].map(({ file, byteLength }) => [file, byteLength]),
  );
  for (const file of filesOf(reply)) {
    // Synchronous: one or two looks on every call, which a promise makes fifty times as long.
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

/** What is not to be seen, for whatever reason, is not what Quiver wrote. */
function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    // Author code may have moved it, or closed its folder.
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
