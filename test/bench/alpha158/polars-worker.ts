import { statSync } from "node:fs";
import { flushFile } from "../support/flush-file.ts";
import { serveLines } from "../support/line-worker.ts";
import { type Expression, loadPolars } from "../support/load-polars.ts";
import { SUBSET_WINDOWS } from "./subset.ts";

// nodejs-polars: the subset's columns as expressions over the symbol, from the bars' files to a file, as 32-bit floats.
const [packageDir = ""] = process.argv.slice(2);
const pl = loadPolars(packageDir);

await serveLines(async (request) => {
  const { files, wrote, codec } = request as { files: readonly string[]; wrote: string; codec: string };
  const startedAt = performance.now();
  const columns = ["symbol", "ts", "high", "low", "close"];
  const bars = pl
    .concat(files.map((file) => pl.readParquet(file, { columns })))
    .withColumns(...["high", "low", "close"].map((name) => pl.col(name).cast!(pl.Float64)));
  const [high, low, close] = [pl.col("high"), pl.col("low"), pl.col("close")];
  const features = SUBSET_WINDOWS.flatMap((d) => {
    const window = { windowSize: d, minPeriods: d };
    return [
      column(close.shift!(d), `roc${d}`),
      column(close.rollingMean!(window), `ma${d}`),
      column(close.rollingStd!(window), `std${d}`),
      column(high.rollingMax!(window), `max${d}`),
      column(low.rollingMin!(window), `min${d}`),
    ];
  });
  const result = bars.select("symbol", "ts", ...features);
  result.writeParquet(
    wrote,
    codec === "zstd" ? { compression: "zstd", compressionLevel: 1 } : { compression: "uncompressed" },
  );
  flushFile(wrote);
  const milliseconds = performance.now() - startedAt;
  return { milliseconds, byteLength: statSync(wrote).size, rowCount: result.height };
});

function column(values: Expression, name: string): Expression {
  return values.div!(pl.col("close")).over!("symbol").cast!(pl.Float32).alias!(name);
}
