import type { InvocationPlan, PlannedStage } from "../plan/invocation-plan.ts";
import type { InvocationProgress } from "../../shared/protocol/invocation.ts";
import { readsOf } from "./partition-reads.ts";

/** How far a plan is, over all its stages. Stages and partitions are named by their places in the plan. */
export interface PlanProgress {
  /** A process works on it. */
  begun(stage: number, partition: number): void;
  /** What the process says of itself: the share of its rows that is done, from 0 to 1. */
  advanced(stage: number, partition: number, share: unknown): void;
  ended(stage: number, partition: number, isFound: boolean): void;
}

interface State {
  readonly rowCount: number;
  share: number;
  hasEnded: boolean;
  isFound: boolean;
}

/**
 * Tells how far a plan is: at once that nothing is done, and then whenever that changes. Rows are those each stage is
 * planned to give, so that what takes several functions counts several times. `before` is what was done to plan at all.
 */
export function createPlanProgress(
  plan: InvocationPlan,
  tell: (progress: InvocationProgress) => void,
  before?: InvocationProgress,
): PlanProgress {
  const states: readonly (readonly State[])[] = plan.stages.map(({ partitions }) =>
    partitions.map(({ outputRowCount }) => ({
      rowCount: outputRowCount,
      share: 0,
      hasEnded: false,
      isFound: false,
    })),
  );
  const all = states.flat();
  const running = new Set<State>();
  const nameOf = new Map(plan.stages.flatMap((stage, i) => states[i]!.map((s) => [s, nameOfStage(stage)])));
  const { partitionCount = 0, rowCount = 0, rowsFound = 0 } = before ?? {};
  const total = rowCount + sum(all, (state) => state.rowCount);
  let stage = "loading";
  let reads: State[][][] | undefined;

  function report(): void {
    tell({
      stage,
      partitionsDone: partitionCount + sum(all, ({ hasEnded }) => (hasEnded ? 1 : 0)),
      partitionCount: partitionCount + all.length,
      rowsDone: Math.floor(rowCount + sum(all, (state) => state.rowCount * state.share)),
      rowCount: total,
      rowsFound: rowsFound + sum(all, (state) => (state.isFound ? state.rowCount : 0)),
    });
  }

  /** What only results that are there would have read is not computed: it is as good as done. */
  function skipUnread(): void {
    reads ??= plan.stages.map((each) =>
      each.partitions.map((partition) =>
        readsOf(each, partition, plan).map((other) => states[other.stage]![other.partition]!),
      ),
    );
    const read = new Set<State>();
    const lastStage = plan.stages.length - 1;
    for (let s = lastStage; s >= 0; s--) {
      for (const [p, state] of states[s]!.entries()) {
        if (state.hasEnded || (s < lastStage && !read.has(state))) continue;
        for (const other of reads[s]![p]!) read.add(other);
      }
    }
    for (const state of states.slice(0, lastStage).flat()) {
      if (!read.has(state) && !running.has(state) && !state.hasEnded) end(state, true);
    }
  }

  report();
  return {
    begun(s, p) {
      const state = states[s]![p]!;
      running.add(state);
      stage = nameOf.get(state)!;
      report();
    },
    advanced(s, p, share) {
      const state = states[s]![p]!;
      // A process can say anything.
      if (typeof share !== "number" || !(share > state.share && share <= 1)) return;
      state.share = share;
      stage = nameOf.get(state)!;
      report();
    },
    ended(s, p, isFound) {
      const state = states[s]![p]!;
      running.delete(state);
      end(state, isFound);
      if (isFound) skipUnread();
      const [other] = running;
      if (other !== undefined) stage = nameOf.get(other)!;
      report();
    },
  };
}

function end(state: State, isFound: boolean): void {
  state.share = 1;
  state.hasEnded = true;
  state.isFound = isFound;
}

/** What a stage does, in the words of who asked for a function: there is no function that puts rows in order. */
function nameOfStage({ function: name, partition }: PlannedStage): string {
  return name ?? (partition === "date" ? "sorting rows by time" : "sorting rows by symbol");
}

function sum(states: readonly State[], value: (state: State) => number): number {
  return states.reduce((total, state) => total + value(state), 0);
}
