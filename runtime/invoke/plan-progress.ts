import type { InvocationPlan, PlannedStage } from "../plan/invocation-plan.ts";
import type { InvocationProgress } from "../../shared/protocol/invocation.ts";
import { readsOf } from "./partition-reads.ts";

/** Tracks the progress of a plan over all its stages. Stages and partitions are indices into the plan. */
export interface PlanProgress {
  /** A process has started on the partition. */
  begun(stage: number, partition: number): void;
  /** Reported by the process: the share of its rows that is done, from 0 to 1. */
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
 * Reports a plan's progress at once and after every change. Each stage counts its planned rows, so rows that
 * several functions compute count several times. `before` is the progress of what had to run before planning.
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

  /** Partitions that only existing results would have read are not computed; they count as done. */
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
      // A process may send anything.
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

/** Names a stage's work for the caller, who knows no function that sorts rows. */
function nameOfStage({ function: name, partition }: PlannedStage): string {
  return name ?? (partition === "date" ? "sorting rows by time" : "sorting rows by symbol");
}

function sum(states: readonly State[], value: (state: State) => number): number {
  return states.reduce((total, state) => total + value(state), 0);
}
