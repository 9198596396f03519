import type { StageTimings } from "../../shared/protocol/invocation.ts";

/** Time by stage, one after the other: `end` closes what ran since the last one. */
export class StageClock {
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

  /** A stage that ran beside others, measured elsewhere. */
  add(stage: string, milliseconds: number): void {
    this.#stages.push({ stage, milliseconds });
  }

  timings(): StageTimings {
    return this.#stages;
  }
}
