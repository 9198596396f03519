import type { StageTimings } from "../../shared/protocol/invocation.ts";

/** Measures consecutive stages: `end` closes the one since the last call. */
export class Stopwatch {
  readonly #now: () => number;
  readonly #stages: { stage: string; milliseconds: number }[] = [];
  #since: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  end(stage: string): void {
    const now = this.#now();
    this.#stages.push({ stage, milliseconds: now - this.#since });
    this.#since = now;
  }

  /** Adds a stage that was measured elsewhere because it ran beside others. */
  add(stage: string, milliseconds: number): void {
    this.#stages.push({ stage, milliseconds });
  }

  timings(): StageTimings {
    return this.#stages;
  }
}
