import { type ErrorCode, errorCodeOf, messageOf, QuiverError } from "../../shared/errors/index.ts";
import type { Invoker } from "../invoke/invocation.ts";
import { checkSymbols } from "../plan/select-symbols.ts";
import type { ScheduleEntry } from "./schedule.ts";

/** Rejects with `schedule-invalid` where the publications of an entry would be refused for what the entry itself says. */
export type CheckEntry = (file: string, entry: ScheduleEntry) => Promise<void>;

export interface CheckEntryOptions {
  readonly invoker: Pick<Invoker, "check">;
  /** The dataset that an entry names, or the default one. */
  readonly datasetOf: (name: string | undefined) => {
    readonly name: string;
    readonly symbols: readonly string[];
  };
}

/**
 * What an entry may get wrong. Anything else, such as a function that does not load or a dataset that was not imported
 * yet, may be in order when the entry is due, and is reported then.
 */
const OF_THE_ENTRY: readonly (ErrorCode | undefined)[] = [
  "input-invalid",
  "invalid-time",
  "parameter-invalid",
  "selection-invalid",
  "unknown-function",
  "unknown-input",
  "unknown-parameter",
  "unknown-symbol",
];

/** Looks up what an entry names, as an order for a job does. */
export function createCheckEntry({ invoker, datasetOf }: CheckEntryOptions): CheckEntry {
  return async (file, { name, work }) => {
    try {
      if (work.kind === "one") await invoker.check(work.request);
      else checkSelection(work.request.symbols, () => datasetOf(work.request.dataset));
    } catch (error) {
      if (!OF_THE_ENTRY.includes(errorCodeOf(error))) return;
      throw new QuiverError(
        "schedule-invalid",
        `Cannot use the schedule ${file}. The entry ${JSON.stringify(name)} would be refused when it is due: ${messageOf(error)}`,
        { ...(error instanceof QuiverError ? error.facts : {}), file, entry: name },
        error,
      );
    }
  };
}

function checkSelection(
  symbols: ScheduleEntry["work"]["request"]["symbols"],
  dataset: () => ReturnType<CheckEntryOptions["datasetOf"]>,
): void {
  if (symbols === undefined || "sql" in symbols) return;
  const { name, symbols: known } = dataset();
  checkSymbols(name, symbols, known);
}
