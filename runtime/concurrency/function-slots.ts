import { QuiverError } from "../../shared/errors/index.ts";
import { createSlots, type Slots } from "./create-slots.ts";

/** Enforces the `limits.concurrency` of functions across all invocations. */
export interface FunctionSlots {
  /** Runs the task when the function has a free slot, interactive calls before background work; at once if `concurrency` is null. */
  run<T>(
    name: string,
    concurrency: number | null,
    { signal, priority }: { readonly signal: AbortSignal; readonly priority: number },
    task: () => Promise<T>,
  ): Promise<T>;
}

export function createFunctionSlots(waitMax: number): FunctionSlots {
  const byFunction = new Map<string, { readonly count: number; readonly slots: Slots }>();
  return {
    run(name, concurrency, { signal, priority }, task) {
      if (concurrency === null) return task();
      let known = byFunction.get(name);
      // After an edit of the limit, tasks started under the old one finish beside the new ones.
      if (known?.count !== concurrency) {
        const refuse = () => busy(name, concurrency, waitMax);
        known = { count: concurrency, slots: createSlots({ count: concurrency, waitMax, refuse }) };
        byFunction.set(name, known);
      }
      return known.slots.run(task, signal, priority);
    },
  };
}

function busy(name: string, concurrency: number, waitMax: number): QuiverError {
  return new QuiverError(
    "children-busy",
    `Cannot run ${JSON.stringify(name)} now: ${concurrency} of its processes are running, which is its own limit, and ` +
      `${waitMax} callers wait already. Try again later, or raise \`limits.concurrency\` in its definition.`,
    { function: name, concurrency, waitMax },
  );
}
