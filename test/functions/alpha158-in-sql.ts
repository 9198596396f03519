/** The windows of Qlib's handler. */
export const WINDOWS = [5, 10, 20, 30, 60];

/**
 * A query for the 158 columns beside the bars they come from, from a relation of `symbol, date, row, open, high, low,
 * close, volume`: window functions over frames of rows, each formula as Qlib's handler has it. A window with fewer
 * bars than it asks for is null, as is one of equal values where a variance divides.
 */
export function alpha158Sql(bars: string): string {
  const columns = [...CANDLE, ...WINDOWS.flatMap(windowColumns)];
  const windows = WINDOWS.map(
    (d) => `w${d} AS (PARTITION BY symbol ORDER BY date ROWS BETWEEN ${d - 1} PRECEDING AND CURRENT ROW)`,
  );
  const lists = WINDOWS.map(
    (d) =>
      `list(close) OVER w${d} AS closes${d}, list(high) OVER w${d} AS highs${d}, list(low) OVER w${d} AS lows${d}`,
  );
  return `
    WITH bars AS (${bars}),
    before AS (
      SELECT *, lag(close) OVER s AS close1, lag(volume) OVER s AS volume1
      FROM bars WINDOW s AS (PARTITION BY symbol ORDER BY date)
    ),
    changes AS (
      SELECT *, ln(volume + 1) AS log_volume, close / close1 AS ratio,
        CASE WHEN volume1 > 0 THEN ln(volume / volume1 + 1) END AS log_volume_ratio,
        abs(close / close1 - 1) * volume AS moved, greatest(close - close1, 0) AS gain,
        greatest(close1 - close, 0) AS loss, abs(close - close1) AS change,
        greatest(volume - volume1, 0) AS vgain, greatest(volume1 - volume, 0) AS vloss,
        abs(volume - volume1) AS vchange
      FROM before
    ),
    listed AS (SELECT *, ${lists.join(", ")} FROM changes WINDOW ${windows.join(", ")})
    SELECT symbol, row, open, high, low, close, volume, ${columns.join(",\n")}
    FROM listed WINDOW s AS (PARTITION BY symbol ORDER BY date), ${windows.join(", ")}
    ORDER BY symbol, date`;
}

const CANDLE = [
  "(close - open) / open AS kmid",
  "(high - low) / open AS klen",
  "(close - open) / (high - low + 1e-12) AS kmid2",
  "(high - greatest(open, close)) / open AS kup",
  "(high - greatest(open, close)) / (high - low + 1e-12) AS kup2",
  "(least(open, close) - low) / open AS klow",
  "(least(open, close) - low) / (high - low + 1e-12) AS klow2",
  "(2 * close - high - low) / open AS ksft",
  "(2 * close - high - low) / (high - low + 1e-12) AS ksft2",
  "open / close AS open0",
  "high / close AS high0",
  "low / close AS low0",
  "(high + low + close) / 3 / close AS vwap0",
];

function windowColumns(d: number): string[] {
  const over = `OVER w${d}`;
  /** Null until the window is full: of bars, or of changes from one bar to the next. */
  const ofBars = (name: string, value: string) =>
    `CASE WHEN row >= ${d - 1} THEN ${value} END AS ${name}${d}`;
  const ofChanges = (name: string, value: string) => `CASE WHEN row >= ${d} THEN ${value} END AS ${name}${d}`;
  const isFlat = (x: string) => `max(${x}) ${over} = min(${x}) ${over}`;
  const sum = (x: string) => `sum(${x}) ${over}`;
  const share = (condition: string) => `avg(CASE WHEN ${condition} THEN 1.0 ELSE 0.0 END) ${over}`;
  const correlation = (x: string, y: string) =>
    `CASE WHEN count(${x}) ${over} < ${d} OR count(${y}) ${over} < ${d} OR ${isFlat(x)} OR ${isFlat(y)} THEN NULL
     ELSE corr(${x}, ${y}) ${over} END`;
  const line = `(regr_intercept(close, row) ${over} + regr_slope(close, row) ${over} * row)`;
  const rank = `len(list_filter(closes${d}, lambda x: x < close)) + (len(list_filter(closes${d}, lambda x: x = close)) + 1) / 2`;
  const highestAt = `list_position(highs${d}, max(high) ${over})`;
  const lowestAt = `list_position(lows${d}, min(low) ${over})`;
  return [
    ofChanges("roc", `lag(close, ${d}) OVER s / close`),
    ofBars("ma", `avg(close) ${over} / close`),
    ofBars("std", `stddev_samp(close) ${over} / close`),
    ofBars("beta", `regr_slope(close, row) ${over} / close`),
    ofBars("rsqr", `CASE WHEN ${isFlat("close")} THEN NULL ELSE regr_r2(close, row) ${over} END`),
    ofBars("resi", `(close - ${line}) / close`),
    ofBars("max", `max(high) ${over} / close`),
    ofBars("min", `min(low) ${over} / close`),
    ofBars("qtlu", `quantile_cont(close, 0.8) ${over} / close`),
    ofBars("qtld", `quantile_cont(close, 0.2) ${over} / close`),
    ofBars("rank", `(${rank}) / ${d}`),
    ofBars("rsv", `(close - min(low) ${over}) / (max(high) ${over} - min(low) ${over} + 1e-12)`),
    ofBars("imax", `${highestAt} / ${d}`),
    ofBars("imin", `${lowestAt} / ${d}`),
    ofBars("imxd", `(${highestAt} - ${lowestAt}) / ${d}`),
    ofBars("corr", correlation("close", "log_volume")),
    ofChanges("cord", correlation("ratio", "log_volume_ratio")),
    ofChanges("cntp", share("close > close1")),
    ofChanges("cntn", share("close < close1")),
    ofChanges("cntd", `${share("close > close1")} - ${share("close < close1")}`),
    ofChanges("sump", `${sum("gain")} / (${sum("change")} + 1e-12)`),
    ofChanges("sumn", `${sum("loss")} / (${sum("change")} + 1e-12)`),
    ofChanges("sumd", `(${sum("gain")} - ${sum("loss")}) / (${sum("change")} + 1e-12)`),
    ofBars("vma", `avg(volume) ${over} / (volume + 1e-12)`),
    ofBars("vstd", `stddev_samp(volume) ${over} / (volume + 1e-12)`),
    ofChanges("wvma", `stddev_samp(moved) ${over} / (avg(moved) ${over} + 1e-12)`),
    ofChanges("vsump", `${sum("vgain")} / (${sum("vchange")} + 1e-12)`),
    ofChanges("vsumn", `${sum("vloss")} / (${sum("vchange")} + 1e-12)`),
    ofChanges("vsumd", `(${sum("vgain")} - ${sum("vloss")}) / (${sum("vchange")} + 1e-12)`),
  ];
}
