"""RSI and MACD over the symbol in Python polars: one JSON line in, one out."""

import json
import os
import sys
import time

import polars as pl


def mean(values, span):
    return values.ewm_mean(span=span, adjust=False, ignore_nulls=True).over("symbol")


def publish(files, wrote):
    close = pl.col("close").cast(pl.Float64)
    frame = (
        pl.read_parquet(files, columns=["symbol", "ts", "close"])
        .with_columns(
            change=close.diff().over("symbol"), macd=mean(close, 12) - mean(close, 26)
        )
        .with_columns(
            gain=mean(pl.col("change").clip(lower_bound=0), 14),
            loss=mean(-pl.col("change").clip(upper_bound=0), 14),
            macd_signal=mean(pl.col("macd"), 9),
        )
        .select(
            "symbol",
            "ts",
            (100 * pl.col("gain") / (pl.col("gain") + pl.col("loss"))).alias("rsi"),
            "macd",
            "macd_signal",
            (pl.col("macd") - pl.col("macd_signal")).alias("macd_hist"),
        )
    )
    frame.write_parquet(wrote, compression="zstd", compression_level=1)


for line in sys.stdin:
    request = json.loads(line)
    started = time.perf_counter()
    publish(request["files"], request["wrote"])
    with open(request["wrote"], "r+b") as file:
        os.fsync(file.fileno())
    print(json.dumps({"milliseconds": (time.perf_counter() - started) * 1000}), flush=True)
