/** The middle of some numbers; of an even count the upper middle. NaN of none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which this share of the numbers lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** To this many decimals, as a number. */
export function rounded(value: number, decimals = 3): number {
  return Number(value.toFixed(decimals));
}
