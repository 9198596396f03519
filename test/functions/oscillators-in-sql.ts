import { usDailyBars } from "../support/query-columns.ts";

/** Two that trade all day, and four of which most bars have no range: units, warrants and a second class of shares. */
export const SQL_SYMBOLS = ["IBM", "AAPL", "TROVU", "TCBIW", "KELYB", "LVNTB"] as const;

/** Frame of the last `bars` rows of a symbol. */
const last = (bars: number) =>
  `over (partition by symbol order by row rows between ${bars - 1} preceding and current row)`;

/** An aggregate over the last `bars` rows, null where one of them is null or there are not so many. */
const full = (aggregate: string, value: string, bars: number) =>
  `if(count(${value}) ${last(bars)} = ${bars}, ${aggregate}(${value}) ${last(bars)}, null)`;

const share = (part: string, whole: string, bars: number) =>
  `${full("sum", part, bars)} / nullif(${full("sum", whole, bars)}, 0)`;

/** Bars since the latest largest value of a list: reversed, the latest comes first. */
const barsSince = (list: string, extreme: string) =>
  `list_position(list_reverse(${list}), ${extreme}(${list})) - 1`;

/**
 * The columns of `oscillators` and `trend` that are taken over windows, as window functions over real daily bars, with
 * the usual parameters; one row a symbol and bar, with the bars themselves.
 */
export function windowedColumnsInSql(): string {
  const middle = (bars: number) => `(${full("max", "high", bars)} + ${full("min", "low", bars)}) / 2`;
  return `
    with bars as (select * from (${usDailyBars(SQL_SYMBOLS)}) where row < 400),
    before as (
      select *, lag(close) over one as last_close, lag(high) over one as last_high, lag(low) over one as last_low,
        (high + low + close) / 3 as typical, (high + low) / 2 as middle
      from bars window one as (partition by symbol order by row)
    ),
    moved as (
      select *,
        if(last_close is null, null, greatest(high, last_close)) as true_high,
        if(last_close is null, null, least(low, last_close)) as true_low,
        if(last_close is null, null, greatest(close - last_close, 0)) as rise,
        if(last_close is null, null, greatest(last_close - close, 0)) as fall,
        abs(high - last_low) as up, abs(low - last_high) as down,
        if(high = low, 0, (close - open) / (high - low)) as power,
        100 * (close - ${full("min", "low", 14)})
          / nullif(${full("max", "high", 14)} - ${full("min", "low", 14)}, 0) as fast_k
      from before
    ),
    ranges as (
      select *, true_high - true_low as range, close - true_low as pressure,
        ${full("avg", "fast_k", 3)} as stoch_k,
        list(typical) ${last(20)} as typicals, list(high) ${last(26)} as highs, list(low) ${last(26)} as lows,
        ${middle(9)} as tenkan, ${middle(26)} as kijun, ${middle(52)} as senkou_b
      from moved
    )
    select symbol, row, open, high, low, close,
      stoch_k, ${full("avg", "stoch_k", 3)} as stoch_d,
      -100 * (${full("max", "high", 14)} - close)
        / nullif(${full("max", "high", 14)} - ${full("min", "low", 14)}, 0) as williams_r,
      if(row < 19 or list_max(typicals) = list_min(typicals), null,
        (typical - list_avg(typicals))
          / (0.015 * list_avg(list_transform(typicals, lambda x: abs(x - list_avg(typicals)))))) as cci,
      100 * (close / lag(close, 14) over one - 1) as roc, close - lag(close, 14) over one as momentum,
      100 * (4 * ${share("pressure", "range", 7)} + 2 * ${share("pressure", "range", 14)}
        + ${share("pressure", "range", 28)}) / 7 as ultimate,
      100 * (${full("sum", "rise", 14)} - ${full("sum", "fall", 14)})
        / nullif(${full("sum", "rise", 14)} + ${full("sum", "fall", 14)}, 0) as cmo,
      ${full("avg", "middle", 5)} - ${full("avg", "middle", 34)} as awesome,
      lag(close, 11) over one - ${full("avg", "close", 20)} as dpo,
      ${full("avg", "power", 14)} as bop,
      100 * ln(${full("sum", "range", 14)}
        / nullif(${full("max", "true_high", 14)} - ${full("min", "true_low", 14)}, 0)) / ln(14) as chop,
      if(row < 25, null, 100 * (25 - (${barsSince("highs", "list_max")})) / 25) as aroon_up,
      if(row < 25, null, 100 * (25 - (${barsSince("lows", "list_min")})) / 25) as aroon_down,
      tenkan, kijun, (tenkan + kijun) / 2 as senkou_a, senkou_b,
      ${share("up", "range", 14)} as vortex_plus, ${share("down", "range", 14)} as vortex_minus
    from ranges window one as (partition by symbol order by row)
    order by symbol, row`;
}
