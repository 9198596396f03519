import type { Offence } from "./compare-rows.ts";

/** The checks of a function, in the order in which they are reported. */
export const CHECKS = {
  "event-time": "no look-ahead by event time",
  knowledge: "no look-ahead by knowledge",
  chunks: "the same for one symbol as among many",
  determinism: "the same in every run and on both runtimes",
  memory: "look-back and warm-up as declared",
  state: "saved state resumes",
  adjustment: "ratios survive a split",
  contract: "rows, types, units and nulls",
  time: "time per row",
} as const;

export type CheckName = keyof typeof CHECKS;

export const CHECK_NAMES = Object.keys(CHECKS).filter((name): name is CheckName =>
  Object.hasOwn(CHECKS, name),
);

/** How one check ended. A `warning` deserves a look but does not fail the function. */
export interface Verdict {
  readonly check: CheckName;
  readonly outcome: "passed" | "failed" | "warning" | "not-applicable";
  /** Says what was tried, or what went wrong. */
  readonly detail: string;
  /** The first wrong symbol, row and column. */
  readonly offence?: Offence;
}

/** A function's verdicts on one market or dataset. */
export interface CheckReport {
  readonly function: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly kind: "feature" | "label";
  /** The rows that it ran on, worded to stand in a sentence. */
  readonly on: string;
  readonly rowCount: number;
  readonly symbolCount: number;
  readonly verdicts: readonly Verdict[];
  readonly passed: boolean;
  readonly milliseconds: number;
}

/** Whether any check failed. */
export function hasFailed(verdicts: readonly Verdict[]): boolean {
  return verdicts.some(({ outcome }) => outcome === "failed");
}

/** `symbol "WALK", 2023-05-04, column "rsi": expected 55.1, got 55.2`. */
export function offenceText({ symbol, ts, column, expected, got }: Offence): string {
  return `symbol ${JSON.stringify(symbol)}, ${ts}, column ${JSON.stringify(column)}: expected ${expected}, got ${got}`;
}
