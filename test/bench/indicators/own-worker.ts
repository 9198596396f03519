import {
  averageTrueRange,
  bollinger,
  ema,
  macd,
  rollingMean,
  rsi,
  trueRange,
} from "../../../shared/kernels/index.ts";
import { type BarColumns, readBarUnits } from "../support/bar-columns.ts";
import { serveLines } from "../support/line-worker.ts";
import { timeWork } from "../support/processor-clock.ts";
import { type Indicator, type IndicatorColumns, lastRows, PERIODS } from "./indicator.ts";

// Our kernels, one thread, one symbol after the other.
const [dir = ""] = process.argv.slice(2);
const { rowCount, units } = readBarUnits(dir);
const longest = units.reduce((most, { close }) => Math.max(most, close.length), 0);
const arrays = [new Float64Array(longest), new Float64Array(longest), new Float64Array(longest)] as const;
const outs = units.map(
  ({ close: { length } }) =>
    [arrays[0].subarray(0, length), arrays[1].subarray(0, length), arrays[2].subarray(0, length)] as const,
);
type Outs = (typeof outs)[number];

const indicators: Readonly<Record<Indicator, (bars: BarColumns, out: Outs) => void>> = {
  rsi: ({ close }, out) => rsi(close, PERIODS.rsi, out[0]),
  macd: ({ close }, out) => macd(close, PERIODS, out[0], out[1], out[2]),
  ema: ({ close }, out) => ema(close, PERIODS.ema, out[0]),
  bollinger: ({ close }, out) => bollinger(close, { period: PERIODS.bollinger }, out[0], out[1], out[2]),
  atr: ({ high, low, close }, out) => averageTrueRange(high, low, close, PERIODS.atr, out[0]),
};
const names: Readonly<Record<Indicator, readonly string[]>> = {
  rsi: ["rsi"],
  macd: ["macd", "signal", "histogram"],
  ema: ["ema"],
  bollinger: ["middle", "upper", "lower"],
  atr: ["atr"],
};

await serveLines(async ({ indicator, compare }) => {
  const name = indicator as Indicator;
  if (compare === true) return { columns: lastRows(columnsOf(name)) };
  const run = indicators[name];
  const time = timeWork(() => {
    for (let i = 0; i < units.length; i++) run(units[i]!, outs[i]!);
  });
  return { ...time, rowCount };
});

function columnsOf(name: Indicator): IndicatorColumns {
  const [bars, out] = [units[0]!, outs[0]!];
  indicators[name](bars, out);
  const columns = Object.fromEntries(names[name].map((column, i) => [column, out[i]!.slice()]));
  if (name !== "atr") return columns;
  // The other definition there is: a simple mean, the first bar's range being high - low.
  trueRange(bars.high, bars.low, bars.close, out[1]);
  out[1][0] = bars.high[0]! - bars.low[0]!;
  rollingMean(out[1], PERIODS.atr, out[2]);
  return { ...columns, simple: out[2].slice() };
}
