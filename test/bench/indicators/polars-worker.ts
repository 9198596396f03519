import { readdirSync } from "node:fs";
import { join } from "node:path";
import { serveLines } from "../support/line-worker.ts";
import { type Expression, type Frame, loadPolars } from "../support/load-polars.ts";
import { timeWork } from "../support/processor-clock.ts";
import { COMPARED_ROWS, type Indicator, type IndicatorColumns, lastRows, PERIODS } from "./indicator.ts";

// nodejs-polars: eager expressions over the symbol on the whole frame, which is there as doubles. No sort: the rows stand
// in order. Symbols are text, which it groups faster than categories. Averages begin with their first value.
const [packageDir = "", barsDir = ""] = process.argv.slice(2);
const pl = loadPolars(packageDir);
const prices = ["high", "low", "close"];
const frame = pl
  .concat(
    readdirSync(barsDir)
      .filter((name) => name.endsWith(".parquet"))
      .sort()
      .map((name) => pl.readParquet(join(barsDir, name), { columns: ["symbol", ...prices] })),
  )
  .withColumns(...prices.map((name) => pl.col(name).cast!(pl.Float64)));

const mean = (values: Expression, alpha: number) =>
  values.ewmMean!({ alpha, adjust: false, minPeriods: 1, ignoreNulls: true });
const bySymbol = (values: Expression, name: string) => values.over!("symbol").alias!(name);

const indicators: Readonly<Record<Indicator, (bars: Frame) => Frame>> = {
  rsi(bars) {
    const change = pl.col("close").diff!({ n: 1, nullBehavior: "ignore" });
    const gain = mean(change.clip!(0, 1e300), 1 / PERIODS.rsi);
    const loss = mean(change.clip!(-1e300, 0).mul!(pl.lit(-1)), 1 / PERIODS.rsi);
    return bars.select(bySymbol(gain.div!(gain.plus!(loss)).mul!(pl.lit(100)), "rsi"));
  },
  macd(bars) {
    const span = (values: Expression, n: number) => mean(values, 2 / (n + 1));
    const macd = span(pl.col("close"), PERIODS.fast).minus!(span(pl.col("close"), PERIODS.slow));
    return bars
      .select("symbol", bySymbol(macd, "macd"))
      .withColumns(bySymbol(span(pl.col("macd"), PERIODS.signal), "signal"))
      .withColumns(pl.col("macd").minus!(pl.col("signal")).alias!("histogram"));
  },
  ema: (bars) => bars.select(bySymbol(mean(pl.col("close"), 2 / (PERIODS.ema + 1)), "ema")),
  bollinger(bars) {
    const window = { windowSize: PERIODS.bollinger, minPeriods: PERIODS.bollinger };
    // It divides by n - 1 and takes no other.
    const population = Math.sqrt((PERIODS.bollinger - 1) / PERIODS.bollinger);
    const twice = pl.col("deviation").mul!(pl.lit(2 * population));
    return bars
      .select(
        bySymbol(pl.col("close").rollingMean!(window), "middle"),
        bySymbol(pl.col("close").rollingStd!(window), "deviation"),
      )
      .select(
        "middle",
        pl.col("middle").plus!(twice).alias!("upper"),
        pl.col("middle").minus!(twice).alias!("lower"),
      );
  },
  atr(bars) {
    const before = pl.col("close").shift!(1);
    const range = pl.maxHorizontal([
      pl.col("high").minus!(pl.col("low")),
      pl.col("high").minus!(before).abs!(),
      pl.col("low").minus!(before).abs!(),
    ]);
    return bars.select(bySymbol(mean(range, 1 / PERIODS.atr), "atr"));
  },
};

await serveLines(async ({ indicator, compare, firstLength }) => {
  const run = indicators[indicator as Indicator];
  if (compare === true) return { columns: lastRows(columnsOf(run(frame), Number(firstLength))) };
  let rowCount = 0;
  const time = timeWork(() => {
    rowCount = run(frame).height;
  });
  if (rowCount !== frame.height) throw new Error(`polars gave ${rowCount} rows`);
  return { ...time, rowCount };
});

/** Of the first symbol's last rows. */
function columnsOf(result: Frame, firstLength: number): IndicatorColumns {
  const own = result.slice(firstLength - COMPARED_ROWS, COMPARED_ROWS);
  const names = ["rsi", "macd", "signal", "histogram", "ema", "middle", "upper", "lower", "atr"];
  const there = names.filter((name) => own.columns.includes(name));
  return Object.fromEntries(there.map((name) => [name, own.getColumn(name).toArray()]));
}
