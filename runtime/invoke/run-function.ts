import { mkdtemp, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";
import type { RunMessage, RunReply } from "../../shared/protocol/child-message.ts";
import type { Outcome } from "../../shared/protocol/outcome.ts";
import { parseRunReply } from "../../shared/protocol/parse-reply.ts";
import { functionErrorOf } from "../catalog/function-error.ts";
import type { PlannedStage } from "../plan/invocation-plan.ts";
import type { Pool, ReusableChild, RunOptions } from "../process/child-handle.ts";
import type { Limits } from "../process/limits.ts";

/** What came back from one process: its reply, checked, and the folder its files lie in. */
export interface FunctionRun {
  readonly reply: RunReply;
  readonly outDir: string;
  readonly peakMemoryBytes: number;
  readonly logTail: string;
}

/** Runs one partition in a process; rejects with what went wrong, its files removed. */
export type RunFunction = (
  stage: PlannedStage,
  message: RunMessage,
  signal: AbortSignal,
) => Promise<FunctionRun>;

export interface RunFunctionSettings {
  readonly pool: Pool;
  /** The warm process of a function that asks for reuse. */
  readonly reusable: (stage: PlannedStage) => ReusableChild;
  readonly outRoot: string;
  /** Where results for other functions are moved: what one child wrote, another can only read from here. */
  readonly stagesDir: string;
  readonly priority?: number;
  readonly onLog?: (text: string) => void;
}

export function createRunFunction(settings: RunFunctionSettings): RunFunction {
  const { pool, priority = 0, onLog } = settings;
  return async (stage, message, signal) => {
    const options: RunOptions = { signal, ...(onLog === undefined ? {} : { onLog }) };
    if (stage.reuse && stage.module !== null) {
      const outcome = await settings.reusable(stage).run(message, stage.limits, options);
      const reply = replyOf(outcome, stage);
      return { reply, outDir: await takeFiles(reply, settings, message), ...factsOf(outcome) };
    }
    const child = await pool.acquire({ priority, signal });
    try {
      const outcome = await child.run(message, stage.limits, options);
      const reply = replyOf(outcome, stage);
      const outDir =
        message.sink.kind === "columns" ? await moveInto(settings.stagesDir, child.outDir) : child.outDir;
      return { reply, outDir, ...factsOf(outcome) };
    } catch (error) {
      await rm(child.outDir, { recursive: true, force: true });
      throw error;
    }
  };
}

function replyOf(
  outcome: Outcome,
  stage: { readonly function: string | null; readonly module: string | null; readonly limits: Limits },
): RunReply {
  if (outcome.kind === "ok") return parseRunReply(outcome.reply);
  throw functionErrorOf(outcome, stage.function ?? "gather", stage.module ?? "");
}

function factsOf(outcome: Outcome): { peakMemoryBytes: number; logTail: string } {
  return { peakMemoryBytes: outcome.peakMemoryBytes, logTail: outcome.logTail };
}

async function moveInto(parent: string, dir: string): Promise<string> {
  const target = join(parent, basename(dir));
  await rename(dir, target);
  return target;
}

/** A reused process goes on writing to its folder: what this run wrote is moved to one of its own. */
async function takeFiles(
  reply: RunReply,
  { outRoot, stagesDir }: RunFunctionSettings,
  message: RunMessage,
): Promise<string> {
  const from = checkedDir(reply.outDir, outRoot);
  const parent = message.sink.kind === "columns" ? stagesDir : outRoot;
  const target = await mkdtemp(join(parent, "reused-"));
  const names = [
    ...reply.files.map(({ file }) => file),
    ...(reply.checksumFile === null ? [] : [reply.checksumFile]),
  ];
  await Promise.all(names.map((file) => rename(join(from, basename(file)), join(target, basename(file)))));
  return target;
}

/** A reused process says where it wrote; what an author's code could have said is not believed unseen. */
function checkedDir(outDir: string, outRoot: string): string {
  if (outDir.startsWith(`${outRoot}/`) && !outDir.includes("..")) return outDir;
  throw new QuiverError(
    "contract-broken",
    "A function's process named an output folder that is not its own.",
    { outDir },
  );
}
