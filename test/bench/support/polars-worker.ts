import { statSync } from "node:fs";
import { flushFile } from "./flush-file.ts";
import { serveLines } from "./line-worker.ts";
import { type Expression, type Frame, loadPolars } from "./load-polars.ts";

const [packageDir = ""] = process.argv.slice(2);
const pl = loadPolars(packageDir);

/**
 * RSI and MACD over the symbol, as its own users write it: no sort, the rows stand in order already. Smoothing is
 * `span`, averages begin with their first value: what an exponential mean is there.
 */
function features(bars: Frame, { period, fast, slow, signal }: Record<string, number>): Frame {
  const mean = (values: Expression, span: number) =>
    values.ewmMean!({ alpha: 2 / (span + 1), adjust: false, minPeriods: 1, ignoreNulls: true }).over!(
      "symbol",
    );
  const close = pl.col("close").cast!(pl.Float64);
  const change = pl.col("close").cast!(pl.Float64).diff!({ n: 1, nullBehavior: "ignore" }).over!("symbol");
  const macd = mean(close, fast!).minus!(mean(close, slow!));
  return bars
    .withColumns(change.alias!("change"), macd.alias!("macd"))
    .withColumns(
      mean(pl.col("change").clip!(0, 1e300), period!).alias!("gain"),
      mean(pl.col("change").clip!(-1e300, 0).mul!(pl.lit(-1)), period!).alias!("loss"),
      mean(pl.col("macd"), signal!).alias!("macd_signal"),
    )
    .withColumns(
      pl.col("gain").div!(pl.col("gain").plus!(pl.col("loss"))).mul!(pl.lit(100)).alias!("rsi"),
      pl.col("macd").minus!(pl.col("macd_signal")).alias!("macd_hist"),
    )
    .select("symbol", "ts", "rsi", "macd", "macd_signal", "macd_hist");
}

await serveLines(async (request) => {
  const { files, wrote, params } = request as unknown as {
    files: readonly string[];
    wrote: string;
    params: Record<string, number>;
  };
  const startedAt = performance.now();
  const bars = pl.concat(files.map((file) => pl.readParquet(file, { columns: ["symbol", "ts", "close"] })));
  const result = features(bars, params);
  result.writeParquet(wrote, { compression: "zstd", compressionLevel: 1 });
  flushFile(wrote);
  const milliseconds = performance.now() - startedAt;
  return { milliseconds, byteLength: statSync(wrote).size, rowCount: result.height };
});
