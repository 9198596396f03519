/** The rows of a `symbol-time` row set in (event time, symbol) order. */
export interface TimeOrder {
  /** Distinct event times, ascending. */
  readonly unitTimes: Float64Array;
  /** Has one element more than `unitTimes`. */
  readonly firstRows: Int32Array;
  /** For each row in time order, its row in symbol order. */
  readonly symbolTimeRows: Int32Array;
}

/** The maximum number of entries of a table over all possible times. */
const SLOTS_MAX = 64_000_000;

/**
 * Orders rows by event time, and rows with the same time by symbol. It is a counting sort: times lie on a grid (days,
 * minutes), so a table over the grid finds a row's unit without comparisons.
 */
export function orderByTime(ts: Int32Array | Float64Array): TimeOrder {
  const { unitTimes, unitOf } = findUnits(ts);
  const firstRows = new Int32Array(unitTimes.length + 1);
  for (let row = 0; row < ts.length; row++) firstRows[unitOf(ts[row]!) + 1]!++;
  for (let unit = 0; unit < unitTimes.length; unit++) firstRows[unit + 1]! += firstRows[unit]!;
  const next = firstRows.slice();
  const symbolTimeRows = new Int32Array(ts.length);
  for (let row = 0; row < ts.length; row++) symbolTimeRows[next[unitOf(ts[row]!)]!++] = row;
  return { unitTimes, firstRows, symbolTimeRows };
}

interface Units {
  readonly unitTimes: Float64Array;
  readonly unitOf: (time: number) => number;
}

function findUnits(ts: Int32Array | Float64Array): Units {
  if (ts.length === 0) return { unitTimes: new Float64Array(0), unitOf: () => 0 };
  let first = ts[0]!;
  let last = first;
  for (let row = 1; row < ts.length; row++) {
    const time = ts[row]!;
    if (time < first) first = time;
    if (time > last) last = time;
  }
  let step = 0;
  for (let row = 0; row < ts.length && step !== 1; row++) {
    const distance = ts[row]! - first;
    if (step === 0 ? distance !== 0 : distance % step !== 0) step = greatestCommonDivisor(step, distance);
  }
  step ||= 1;
  const slotCount = (last - first) / step + 1;
  return slotCount <= SLOTS_MAX ? unitsOfGrid(ts, first, step, slotCount) : unitsOfAny(ts);
}

function unitsOfGrid(ts: Int32Array | Float64Array, first: number, step: number, slotCount: number): Units {
  const unitOfSlot = new Int32Array(slotCount);
  for (let row = 0; row < ts.length; row++) unitOfSlot[(ts[row]! - first) / step] = 1;
  const times: number[] = [];
  for (let slot = 0; slot < slotCount; slot++) {
    if (unitOfSlot[slot] === 0) continue;
    unitOfSlot[slot] = times.length;
    times.push(first + slot * step);
  }
  return { unitTimes: Float64Array.from(times), unitOf: (time) => unitOfSlot[(time - first) / step]! };
}

function unitsOfAny(ts: Int32Array | Float64Array): Units {
  const sorted = Float64Array.from(ts).sort();
  const unitTimes = sorted.filter((time, i) => i === 0 || time !== sorted[i - 1]);
  return { unitTimes, unitOf: (time) => lowerBound(unitTimes, time) };
}

/** The position of the first element that is not below the value. */
export function lowerBound(ascending: Float64Array | Int32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
