import type { Market } from "../market/open-market.ts";

export interface CutTime {
  /** The moment as text for a request. */
  readonly asOf: string;
  /** The last bar that is known at that moment. */
  readonly text: string;
}

/** Moments at the given fractions of a market's time, each just after a bar became known. */
export function cutTimes({ times, isDaily }: Market, parts: readonly number[]): CutTime[] {
  return parts.map((part) => {
    const text = times[Math.floor((times.length - 1) * part)]!;
    if (isDaily) return { asOf: text, text };
    const next = times[Math.floor((times.length - 1) * part) + 1]!;
    return { asOf: next, text };
  });
}
