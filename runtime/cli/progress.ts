import cliProgress from "cli-progress";
import type { Terminal } from "./terminal.ts";

/** How far a piece of work has come: a bar where a person is watching, a line per stage elsewhere. */
export interface Progress {
  update(stage: string, done: number, total: number): void;
  stop(): void;
}

/** For work that nobody watches. */
export const NO_PROGRESS: Progress = { update: () => undefined, stop: () => undefined };

export function createProgress(terminal: Terminal, what: string, quiet: boolean): Progress {
  if (quiet) return NO_PROGRESS;
  return terminal.isInteractive ? bar(what) : lines(terminal, what);
}

function bar(what: string): Progress {
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
    update(stage, done, total) {
      if (!started) single.start(Math.max(1, total), done, { stage });
      started = true;
      single.setTotal(Math.max(1, total));
      single.update(done, { stage });
    },
    stop() {
      if (started) single.stop();
    },
  };
}

function lines(terminal: Terminal, what: string): Progress {
  let last = "";
  return {
    update(stage) {
      if (stage === last) return;
      last = stage;
      terminal.err(`${what}: ${stage}\n`);
    },
    stop: () => undefined,
  };
}
