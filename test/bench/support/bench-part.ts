import type { Scale } from "./scale.ts";
import type { Store } from "./store.ts";

/** One line of the table: a figure, and the bar it should clear where there is one. */
export interface Figure {
  readonly what: string;
  /** A number with its unit, or why there is none. */
  readonly value: string;
  readonly bar?: string;
  /** Whether the bar was cleared; absent where there is none. */
  readonly good?: boolean;
}

export interface PartResult {
  /** Figures under the keys that the JSON object has for them. */
  readonly keys: Readonly<Record<string, unknown>>;
  readonly figures: readonly Figure[];
  /** Everything else worth keeping, for the JSON object's `details`. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface BenchContext {
  readonly scale: Scale;
  readonly store: Store;
  /** Aborted when the benchmark is interrupted. */
  readonly signal: AbortSignal;
  readonly log: (text: string) => void;
  /** The Python to compare with. */
  readonly python: string;
}

/** One benchmark: makes what it needs, measures, leaves nothing running. */
export interface BenchPart {
  readonly name: string;
  /** Where it takes longer than others may; twenty minutes when left out. */
  readonly minutesMax?: number;
  run(context: BenchContext): Promise<PartResult>;
}

/** A figure that should be at most, or at least, something. */
export function barred(
  what: string,
  value: number,
  unit: string,
  bar: { readonly max: number } | { readonly min: number },
  decimals = 2,
): Figure {
  const good = "max" in bar ? value <= bar.max : value >= bar.min;
  const text = "max" in bar ? `≤ ${bar.max}` : `≥ ${bar.min}`;
  return { what, value: `${value.toFixed(decimals)}${unit}`, bar: `${text}${unit}`, good };
}

export function plain(what: string, value: string): Figure {
  return { what, value };
}
