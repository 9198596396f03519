import type { ChildProcess } from "./child-process.ts";
import type { Limits } from "./limits.ts";
import { directoryBytes } from "./measure-directory.ts";
import { systemOutOfMemoryKills } from "./out-of-memory.ts";
import { privateMemory, privateMemoryOfTree, residentMemoryOfGroup } from "./measure-memory.ts";

/** The outcome of exceeding a limit. */
export type Exceeded =
  | { readonly kind: "out-of-memory"; readonly by: "limit"; readonly limitBytes: number }
  | { readonly kind: "broke-contract"; readonly reason: string };

export interface UseWatch {
  /** Checks the output once more: a child may write its last bytes and answer between two polls. */
  outputExceeded(): Exceeded | undefined;
  /** The system's count of out-of-memory kills at the first poll of this run; undefined before. */
  systemKillsBefore(): number | undefined;
  /** Stops watching and returns the highest private memory seen. */
  stop(): number;
}

/** A child can allocate about 100 MB in this time, and so exceed its limit by as much before it is killed. */
const POLL_MS = 50;

/** Watches a child's memory and output from outside, and reports the first limit that is exceeded. */
export function watchUse(
  child: ChildProcess,
  outDir: string,
  limits: Limits,
  exceeded: (exceeded: Exceeded) => void,
): UseWatch {
  const byProc = process.platform === "linux";
  let peakBytes = child.readyMemoryBytes;
  let systemKills: number | undefined;
  let stopped = false;
  let timer = setTimeout(poll, POLL_MS);

  function poll(): void {
    // Not read at the start, which would slow every short call; no child exhausts the memory before the first poll.
    systemKills ??= systemOutOfMemoryKills();
    void measure().then(() => {
      if (!stopped) timer = setTimeout(poll, POLL_MS);
    });
  }

  async function measure(): Promise<void> {
    const bytes = byProc ? privateMemoryOfTree(child.mainPid) : await residentMemoryOfGroup(child.pid);
    if (stopped) return;
    peakBytes = Math.max(peakBytes, bytes);
    const found = bytes > limits.memoryBytes ? memoryExceeded(limits) : outputExceeded();
    if (found !== undefined) exceeded(found);
  }

  function outputExceeded(): Exceeded | undefined {
    const bytes = directoryBytes(outDir, limits.outputBytes);
    if (bytes <= limits.outputBytes) return undefined;
    return {
      kind: "broke-contract",
      reason: `it wrote more than ${limits.outputBytes} bytes, the limit for its output`,
    };
  }

  return {
    outputExceeded,
    systemKillsBefore: () => systemKills,
    stop() {
      if (!stopped && byProc) peakBytes = Math.max(peakBytes, privateMemory(child.mainPid));
      stopped = true;
      clearTimeout(timer);
      return peakBytes;
    },
  };
}

function memoryExceeded(limits: Limits): Exceeded {
  return { kind: "out-of-memory", by: "limit", limitBytes: limits.memoryBytes };
}
