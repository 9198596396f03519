import type { Offence } from "./compare-rows.ts";

/** What is checked of a function, in the order in which it is told. */
export const CHECKS = {
  "event-time": "no look-ahead by event time",
  knowledge: "no look-ahead by knowledge",
  chunks: "the same alone and among others",
  determinism: "the same twice and on both runtimes",
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

/** How one check ended. `warning` is worth a look and does not fail a function. */
export interface Verdict {
  readonly check: CheckName;
  readonly outcome: "passed" | "failed" | "warning" | "not-applicable";
  /** What was done, or what went wrong, as a sentence. */
  readonly detail: string;
  /** The first symbol, row and column at fault. */
  readonly offence?: Offence;
}

/** A function's verdicts on one market or dataset. */
export interface CheckReport {
  readonly function: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly kind: "feature" | "label";
  /** What it ran on, as a sentence names it. */
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
