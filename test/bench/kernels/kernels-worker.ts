import { serveLines } from "../support/line-worker.ts";
import { type BarColumns, readBarUnits } from "../support/bar-columns.ts";
import { timeWork, type WorkTime } from "../support/processor-clock.ts";
import { median } from "../support/statistics.ts";
import type { KernelCase, KernelUnit } from "./kernel-case.ts";
import { kernelCases } from "./kernel-cases.ts";

// The kernels in a process of their own, one after the other, over every symbol of the market: no server, no file.
const MINUTES_PER_SESSION = 390;
const BARS_PER_SESSION = 78;
const [dir = ""] = process.argv.slice(2);
const { rowCount, units: bars } = readBarUnits(dir);
const longest = bars.reduce((most, { close }) => Math.max(most, close.length), 0);
const units = unitsOf(bars);
const cases = new Map<string, KernelCase>(Object.entries(kernelCases));

await serveLines(async ({ kernel, rounds }) => {
  if (typeof kernel !== "string") return { kernels: [...cases.keys()], rowCount, symbolCount: units.length };
  const { with: params, columns, run } = cases.get(kernel)!;
  const times: WorkTime[] = [];
  // The first round warms up and is not counted.
  for (let round = 0; round <= Number(rounds); round++) {
    const time = timeWork(() => {
      for (let i = 0; i < units.length; i++) run(units[i]!);
    });
    if (round > 0) times.push(time);
  }
  const perRow = (ms: number[]) => (median(ms) * 1e6) / rowCount;
  return {
    params,
    columns,
    nanosecondsPerRow: perRow(times.map(({ milliseconds }) => milliseconds)),
    processorNanosecondsPerRow: perRow(times.map(({ processorMs }) => processorMs)),
  };
});

/** Outputs are the same few arrays for every symbol: in a handler they are in the processor's cache, too. */
function unitsOf(all: readonly BarColumns[]): KernelUnit[] {
  const doubles = () => new Float64Array(longest);
  const out = [
    doubles(),
    doubles(),
    doubles(),
    doubles(),
    doubles(),
    doubles(),
    doubles(),
    doubles(),
  ] as const;
  const whole = [new Int32Array(longest), new Int32Array(longest), new Int32Array(longest)] as const;
  const bytes = [new Uint8Array(longest), new Uint8Array(longest), new Uint8Array(longest)] as const;
  const flags = new Int32Array(longest);
  const dates = Int32Array.from({ length: longest }, (_, i) => dateOf(i));
  const ts = BigInt64Array.from({ length: longest }, (_, i) => {
    const minute = 870 + (i % MINUTES_PER_SESSION);
    return BigInt(dateOf(Math.floor(i / MINUTES_PER_SESSION)) * 1440 + minute) * 60_000_000n;
  });
  const sessions = Float64Array.from({ length: longest }, (_, i) => Math.floor(i / BARS_PER_SESSION));
  const slots = Float64Array.from({ length: longest }, (_, i) => i % BARS_PER_SESSION);
  const groups = Int32Array.from({ length: longest }, (_, i) => i % 11);
  const volatility = doubles().fill(0.02);
  const clock = {
    utcOffsets: [{ fromMicros: Number.MIN_SAFE_INTEGER, offsetSeconds: -18_000 }],
    sessions: [[570, 960]] as const,
    holidays: [],
    halfDays: [],
    stamp: "start" as const,
    intervalSeconds: 60,
  };
  return all.map((columns) => {
    const end = columns.close.length;
    return {
      ...columns,
      volatility: volatility.subarray(0, end),
      ts: ts.subarray(0, end),
      dates: dates.subarray(0, end),
      sessions: sessions.subarray(0, end),
      slots: slots.subarray(0, end),
      groups: groups.subarray(0, end),
      clock,
      out: [
        out[0].subarray(0, end),
        out[1].subarray(0, end),
        out[2].subarray(0, end),
        out[3].subarray(0, end),
        out[4].subarray(0, end),
        out[5].subarray(0, end),
        out[6].subarray(0, end),
        out[7].subarray(0, end),
      ],
      flags: flags.subarray(0, end),
      bytes: [bytes[0].subarray(0, end), bytes[1].subarray(0, end), bytes[2].subarray(0, end)],
      whole: [whole[0].subarray(0, end), whole[1].subarray(0, end), whole[2].subarray(0, end)],
    };
  });
}

/** Weekdays from 2009-01-05, as the market has them. */
function dateOf(day: number): number {
  return 14_249 + Math.floor(day / 5) * 7 + (day % 5);
}
