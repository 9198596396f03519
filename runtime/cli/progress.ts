import cliProgress from "cli-progress";
import type { Terminal } from "./terminal.ts";

/** Shows the progress of some work: as a bar if a person is watching, otherwise as a line per stage. */
export interface ProgressDisplay {
  /** `detail` is shown instead of the stage's name. */
  update(stage: string, done: number, total: number, detail?: string): void;
  stop(): void;
}

/** Progress that nobody watches. */
export const NO_PROGRESS: ProgressDisplay = { update: () => undefined, stop: () => undefined };

export function createProgress(terminal: Terminal, what: string, quiet: boolean): ProgressDisplay {
  if (quiet) return NO_PROGRESS;
  return terminal.isInteractive ? bar(what) : lines(terminal, what);
}

function bar(what: string): ProgressDisplay {
  const single = new cliProgress.SingleBar(
    {
      format: `${what} {bar} {percentage}% {stage}`,
      barsize: 28,
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    },
    cliProgress.Presets.shades_classic,
  );
  let started = false;
  return {
    update(stage, done, total, detail = stage) {
      if (!started) single.start(Math.max(1, total), done, { stage: detail });
      started = true;
      single.setTotal(Math.max(1, total));
      single.update(done, { stage: detail });
    },
    stop() {
      if (started) single.stop();
    },
  };
}

/** How often the progress of a long stage is printed. */
const SAY_AGAIN_MS = 10_000;

function lines(terminal: Terminal, what: string): ProgressDisplay {
  let last = "";
  let saidAt = 0;
  return {
    update(stage, _done, _total, detail = stage) {
      const now = performance.now();
      const isNews = stage !== last || (detail !== stage && now - saidAt >= SAY_AGAIN_MS);
      if (!isNews) return;
      last = stage;
      saidAt = now;
      terminal.err(`${what}: ${detail}\n`);
    },
    stop: () => undefined,
  };
}
