import { type ErrorCode, errorCodeOf, messageOf, QuiverError } from "../../shared/errors/index.ts";
import type { Invoker } from "../invoke/invocation.ts";
import { checkSymbols } from "../plan/select-symbols.ts";
import type { ScheduleEntry } from "./schedule.ts";

/** Rejects with `schedule-invalid` an entry whose publications would be refused because of the entry itself. */
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
 * Errors that an entry itself causes. Others, such as a function that does not load or a dataset that is not imported
 * yet, may be mended before the entry is due, and are reported then.
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

/** Resolves the names in an entry, as submitting its job would. */
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
