/** 1 for the maximum; -1 negates the series, so that the same loop finds the minimum. */
export type Side = 1 | -1;

/**
 * The largest value of each window (the smallest with `side` -1), null where the window contains a null.
 *
 * A row's window is the end of one block of `period` bars plus the beginning of the next; running maxima, backwards
 * and forwards, give the largest value of each part. This takes three comparisons per bar, whatever the series and the
 * period, and no branch that depends on the window's content (M. van Herk 1992; J. Gil and M. Werman 1993). A maximum
 * is exact, so the blocks need no alignment. Adding zero merges the two zeros, whose order in the window would
 * otherwise show.
 */
export function rollingExtreme(values: Float64Array, period: number, out: Float64Array, side: Side): void {
  const length = values.length;
  out.fill(NaN, 0, period - 1);
  if (length < period) return;
  const suffix = new Float64Array(period + 1).fill(-Infinity);
  let lastNull = -Infinity;
  for (let start = 0; start < length; start += period) {
    const before = start - period;
    let best = -Infinity;
    for (let row = start - 1; row >= before && row >= 0; row--) {
      const value = side * values[row]! + 0;
      best = value > best ? value : best;
      suffix[row - before] = best;
    }
    const end = Math.min(start + period, length);
    best = -Infinity;
    for (let row = start; row < end; row++) {
      const value = side * values[row]! + 0;
      if (value !== value) lastNull = row;
      best = value > best ? value : best;
      if (row < period - 1) continue;
      const earlier = suffix[row - start + 1]!;
      out[row] = row - lastNull < period ? NaN : side * (earlier > best ? earlier : best) + 0;
    }
  }
}

/** Which of several equal extremes counts. */
export interface TieOptions {
  /** `latest` (default) or `earliest`. */
  readonly ties?: "latest" | "earliest" | undefined;
}

/** Options of the kernels that count the bars since an extreme. */
export interface BarsSinceOptions extends TieOptions {
  /** If given, receives the extremes, as `rollingMax` and `rollingMin` compute them, at no extra cost. */
  readonly extremes?: Float64Array | undefined;
}

/**
 * The number of bars since the largest value of each window (the smallest with `side` -1). Null as in
 * `rollingExtreme`.
 */
export function barsSinceExtreme(
  values: Float64Array,
  period: number,
  out: Float64Array,
  side: Side,
  { ties = "latest", extremes }: BarsSinceOptions,
): void {
  const length = values.length;
  out.fill(NaN, 0, period - 1);
  extremes?.fill(NaN, 0, period - 1);
  if (length < period) return;
  const isEarliest = ties === "earliest";
  const suffix = new Float64Array(period + 1).fill(-Infinity);
  const suffixRow = new Int32Array(period + 1);
  let lastNull = -Infinity;
  for (let start = 0; start < length; start += period) {
    const before = start - period;
    let best = -Infinity;
    let bestRow = start - 1;
    for (let row = start - 1; row >= before && row >= 0; row--) {
      const value = side * values[row]!;
      if (value > best || (isEarliest && value === best)) {
        best = value;
        bestRow = row;
      }
      suffix[row - before] = best;
      suffixRow[row - before] = bestRow;
    }
    const end = Math.min(start + period, length);
    best = -Infinity;
    bestRow = start;
    for (let row = start; row < end; row++) {
      const value = side * values[row]!;
      if (value !== value) lastNull = row;
      if (value > best || (!isEarliest && value === best)) {
        best = value;
        bestRow = row;
      }
      if (row < period - 1) continue;
      const place = row - start + 1;
      const earlier = suffix[place]!;
      const isBefore = place < period && (earlier > best || (isEarliest && earlier === best));
      const isNull = row - lastNull < period;
      out[row] = isNull ? NaN : row - (isBefore ? suffixRow[place]! : bestRow);
      if (extremes !== undefined) extremes[row] = isNull ? NaN : side * (isBefore ? earlier : best) + 0;
    }
  }
}
