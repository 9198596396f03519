import type { LineWorker } from "../support/line-worker.ts";
import { INDICATORS } from "./indicator.ts";

type Columns = Readonly<Record<string, (number | null)[]>>;

/** technicalindicators rounds its RSI to two decimals; everything else has all of them. */
const TOLERANCE = 1e-8;
const ROUNDED_TOLERANCE = 0.0051 / 10;

/**
 * Largest difference of each column from ours, relative to the larger of the value and 1, over the last 1,000 bars of the
 * first symbol, which has 2,000: whatever an average began with is forgotten there. Fails where one is no rounding error:
 * a time is worth nothing when something else was computed.
 */
export async function agreement(
  own: LineWorker,
  contenders: readonly { readonly name: string; readonly worker: LineWorker }[],
): Promise<Record<string, Record<string, number>>> {
  const result: Record<string, Record<string, number>> = {};
  for (const indicator of INDICATORS) {
    const question = { indicator, compare: true, firstLength: 2_000 };
    const ours = (await own.ask<{ columns: Columns }>(question)).columns;
    for (const { name, worker } of contenders) {
      const theirs = (await worker.ask<{ columns: Columns }>(question)).columns;
      for (const [column, values] of Object.entries(theirs)) {
        const difference = largestDifference(ours[column] ?? [], values);
        const isRounded = name === "technicalindicators" && column === "rsi";
        if (!(difference <= (isRounded ? ROUNDED_TOLERANCE : TOLERANCE))) {
          throw new Error(`${name} gives another ${column} than ours: they differ by ${difference}`);
        }
        (result[name] ??= {})[`${indicator}.${column}`] = difference;
      }
    }
  }
  return result;
}

function largestDifference(ours: readonly (number | null)[], theirs: readonly (number | null)[]): number {
  return theirs.reduce<number>((most, value, i) => {
    const own = ours[i];
    // NaN is carried on: a value that is missing on one side is a difference.
    return Math.max(
      most,
      Math.abs(Number(value ?? NaN) - Number(own ?? NaN)) / Math.max(1, Math.abs(Number(own ?? NaN))),
    );
  }, 0);
}
