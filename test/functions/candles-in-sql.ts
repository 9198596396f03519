import type { CandlePatternName } from "../../shared/kernels/index.ts";
import { usDailyBars } from "../support/query-columns.ts";

/**
 * Candle patterns a second time, over window functions: `c` is the bar, `p`, `q`, `r` and `s` are one to four
 * bars before it. Prices are whole cents, so that sums and ties are exact in any order.
 */
export function candlesInSql(symbols: readonly string[]): string {
  const columns = Object.entries(SQL_PATTERNS).map(
    ([name, { least, is }]) => `case when c.row >= ${least} then ${is} end as ${name}`,
  );
  return `
    with cents as (
      select symbol, row, round(open * 100) as o, round(high * 100) as h, round(low * 100) as l, round(close * 100) as c
      from (${usDailyBars(symbols)})
    ),
    candles as (
      select *, abs(c - o) as body, c < o as black, greatest(o, c) as top, least(o, c) as foot,
        h - greatest(o, c) as up, least(o, c) - l as down,
        avg(abs(c - o)) over ten as usual, avg(h - l) over ten / 10 as tenth,
        avg(h - l - abs(c - o)) over ten / 2 as shadow, avg(h - l) over five as stretch
      from cents
      window ten as (partition by symbol order by row rows between 10 preceding and 1 preceding),
        five as (partition by symbol order by row rows between 5 preceding and 1 preceding)
    ),
    neighbours as (
      select candles as c, lag(candles, 1) over each as p, lag(candles, 2) over each as q, lag(candles, 3) over each as r, lag(candles, 4) over each as s
      from candles window each as (partition by symbol order by row)
    )
    select c.symbol as symbol, c.o as open, c.h as high, c.l as low, c.c as close, ${columns.join(",\n")}
    from neighbours order by c.symbol, c.row`;
}

const flag = (condition: string, sign = 1) => `case when ${condition} then ${100 * sign} else 0 end`;
const either = (up: string, down: string) => `case when ${up} then 100 when ${down} then -100 else 0 end`;

const byColor = (condition: string) => either(`not c.black and ${condition}`, `c.black and ${condition}`);
const inside = (a: string, b: string) => `${a}.top < ${b}.top and ${a}.foot > ${b}.foot`;
const around = (a: string, b: string) =>
  `${a}.black <> ${b}.black and ${a}.top > ${b}.top and ${a}.foot < ${b}.foot`;
const dojiStar = "p.body <= p.tenth and c.body > c.usual and q.body > q.usual";
const kick = `p.body > p.usual and greatest(p.up, p.down) < p.tenth
  and c.body > c.usual and greatest(c.up, c.down) < c.tenth`;
const methods = `s.body > s.usual and c.body > c.usual and r.body < r.usual and q.body < q.usual and p.body < p.usual
  and greatest(r.foot, q.foot, p.foot) < s.h and least(r.top, q.top, p.top) > s.l`;
const star = "p.body <= p.usual and c.body > c.usual and q.body > q.usual";

export const SQL_PATTERNS: Partial<
  Record<CandlePatternName, { readonly least: number; readonly is: string }>
> = {
  doji: { least: 10, is: flag("c.body <= c.tenth") },
  dragonfly_doji: { least: 10, is: flag("c.body <= c.tenth and c.up < c.tenth and c.down > c.tenth") },
  gravestone_doji: { least: 10, is: flag("c.body <= c.tenth and c.down < c.tenth and c.up > c.tenth") },
  marubozu: { least: 10, is: byColor("c.body > c.usual and greatest(c.up, c.down) < c.tenth") },
  belt_hold: {
    least: 10,
    is: either(
      "not c.black and c.body > c.usual and c.down < c.tenth",
      "c.black and c.body > c.usual and c.up < c.tenth",
    ),
  },
  spinning_top: { least: 10, is: byColor("c.body < c.usual and least(c.up, c.down) > c.body") },
  long_line: { least: 10, is: byColor("c.body > c.usual and greatest(c.up, c.down) < c.shadow") },
  hammer: {
    least: 10,
    is: flag("c.body < c.usual and c.down > c.body and c.up < c.tenth and c.foot <= p.l + p.stretch * 0.2"),
  },
  hanging_man: {
    least: 10,
    is: flag(
      "c.body < c.usual and c.down > c.body and c.up < c.tenth and c.foot >= p.h - p.stretch * 0.2",
      -1,
    ),
  },
  inverted_hammer: {
    least: 10,
    is: flag("c.body < c.usual and c.up > c.body and c.down < c.tenth and c.top < p.foot"),
  },
  shooting_star: {
    least: 10,
    is: flag("c.body < c.usual and c.up > c.body and c.down < c.tenth and c.foot > p.top", -1),
  },
  engulfing: { least: 1, is: byColor(around("c", "p")) },
  harami: {
    least: 11,
    is: either(
      `p.black and p.body > p.usual and c.body <= c.usual and ${inside("c", "p")}`,
      `not p.black and p.body > p.usual and c.body <= c.usual and ${inside("c", "p")}`,
    ),
  },
  piercing: {
    least: 11,
    is: flag(
      "p.black and not c.black and p.body > p.usual and c.body > c.usual and c.o < p.l and c.c < p.o and 2 * c.c > p.o + p.c",
    ),
  },
  dark_cloud_cover: {
    least: 11,
    is: flag(
      "not p.black and c.black and p.body > p.usual and c.o > p.h and c.c > p.o and 2 * c.c < p.o + p.c",
      -1,
    ),
  },
  doji_star: {
    least: 11,
    is: either(
      "p.black and p.body > p.usual and c.body <= c.tenth and c.top < p.foot",
      "not p.black and p.body > p.usual and c.body <= c.tenth and c.foot > p.top",
    ),
  },
  matching_low: { least: 6, is: flag("p.black and c.black and abs(c.c - p.c) <= p.stretch / 20") },
  morning_star: {
    least: 12,
    is: flag(`${star} and q.black and p.top < q.foot and not c.black and 10 * (c.c - q.c) > 3 * q.body`),
  },
  evening_star: {
    least: 12,
    is: flag(`${star} and not q.black and p.foot > q.top and c.black and 10 * (q.c - c.c) > 3 * q.body`, -1),
  },
  three_inside: {
    least: 12,
    is: either(
      `q.black and q.body > q.usual and p.body <= p.usual and ${inside("p", "q")} and not c.black and c.c > q.o`,
      `not q.black and q.body > q.usual and p.body <= p.usual and ${inside("p", "q")} and c.black and c.c < q.o`,
    ),
  },
  three_outside: {
    least: 2,
    is: either(
      `not p.black and ${around("p", "q")} and c.c > p.c`,
      `p.black and ${around("p", "q")} and c.c < p.c`,
    ),
  },
  three_white_soldiers: {
    least: 12,
    is: flag(`not (c.black or p.black or q.black) and c.up < c.tenth and p.up < p.tenth and q.up < q.tenth
      and c.c > p.c and p.c > q.c and c.o > p.o and p.o > q.o
      and c.o <= p.c + p.stretch * 0.2 and p.o <= q.c + q.stretch * 0.2
      and c.body > p.body - p.stretch * 0.6 and p.body > q.body - q.stretch * 0.6 and c.body > c.usual`),
  },
  three_black_crows: {
    least: 12,
    is: flag(
      `not r.black and q.black and p.black and c.black and r.h > q.c and q.c > p.c and p.c > c.c
      and p.o < q.o and p.o > q.c and c.o < p.o and c.o > p.c
      and c.down < c.tenth and p.down < p.tenth and q.down < q.tenth`,
      -1,
    ),
  },
  long_legged_doji: { least: 10, is: flag("c.body <= c.tenth and greatest(c.up, c.down) > c.body") },
  rickshaw_man: {
    least: 10,
    is: flag(`c.body <= c.tenth and least(c.up, c.down) > c.body
      and 2 * c.foot <= c.h + c.l + c.stretch * 0.4 and 2 * c.top >= c.h + c.l - c.stretch * 0.4`),
  },
  takuri: { least: 10, is: flag("c.body <= c.tenth and c.up < c.tenth and c.down > 2 * c.body") },
  closing_marubozu: {
    least: 10,
    is: either(
      "not c.black and c.body > c.usual and c.up < c.tenth",
      "c.black and c.body > c.usual and c.down < c.tenth",
    ),
  },
  high_wave: { least: 10, is: byColor("c.body < c.usual and least(c.up, c.down) > 2 * c.body") },
  short_line: { least: 10, is: byColor("c.body < c.usual and greatest(c.up, c.down) < c.shadow") },
  harami_cross: {
    least: 11,
    is: either(
      `p.black and p.body > p.usual and c.body <= c.tenth and ${inside("c", "p")}`,
      `not p.black and p.body > p.usual and c.body <= c.tenth and ${inside("c", "p")}`,
    ),
  },
  homing_pigeon: {
    least: 11,
    is: flag(`p.black and c.black and p.body > p.usual and c.body <= c.usual and ${inside("c", "p")}`),
  },
  counterattack: {
    least: 11,
    is: byColor(`c.black <> p.black and p.body > p.usual and c.body > c.usual
      and abs(c.c - p.c) <= p.stretch / 20`),
  },
  kicking: {
    least: 11,
    is: either(
      `p.black and not c.black and c.l > p.h and ${kick}`,
      `c.black and not p.black and c.h < p.l and ${kick}`,
    ),
  },
  morning_doji_star: {
    least: 12,
    is: flag(`${dojiStar} and q.black and p.top < q.foot and not c.black and 10 * (c.c - q.c) > 3 * q.body`),
  },
  evening_doji_star: {
    least: 12,
    is: flag(
      `${dojiStar} and not q.black and p.foot > q.top and c.black and 10 * (q.c - c.c) > 3 * q.body`,
      -1,
    ),
  },
  abandoned_baby: {
    least: 12,
    is: either(
      `${dojiStar} and q.black and p.h < q.l and c.l > p.h and not c.black and 10 * (c.c - q.c) > 3 * q.body`,
      `${dojiStar} and not q.black and p.l > q.h and c.h < p.l and c.black and 10 * (q.c - c.c) > 3 * q.body`,
    ),
  },
  rise_fall_three_methods: {
    least: 14,
    is: either(
      `${methods} and r.black and q.black and p.black and not (s.black or c.black)
        and r.c > q.c and q.c > p.c and c.o > p.c and c.c > s.c`,
      `${methods} and s.black and c.black and not (r.black or q.black or p.black)
        and r.c < q.c and q.c < p.c and c.o < p.c and c.c < s.c`,
    ),
  },
};
