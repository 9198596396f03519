const BY_SYMBOL = "over (partition by symbol order by ts)";
const last = (d: string) =>
  `over (partition by symbol order by ts rows between ${Number(d) - 1} preceding and current row)`;

/** A window's values as a list, so that operators are written as they are defined; null when it is short or holds a null. */
const over = (x: string, d: string, value: (list: string) => string) => {
  const list = `list(${x}) ${last(d)}`;
  return `(case when count(${x}) ${last(d)} = ${d} then ${value(`(${list})`)} end)`;
};

const moves = (x: string, y: string, d: string) =>
  `count(${x} + ${y}) ${last(d)} = ${d} and min(${x}) ${last(d)} < max(${x}) ${last(d)} and min(${y}) ${last(d)} < max(${y}) ${last(d)}`;

/** Places in a window do not tell apart what differs by rounding alone: twelve digits count. */
const digits = (x: string) => `printf('%.11e', (${x})::double)::double`;

/** What the steps below write in place of SQL's own, more long-winded forms. */
const OPERATORS: Readonly<Record<string, (x: string, y: string, d: string) => string>> = {
  wsum: (x, d) => over(x, d, (list) => `list_sum${list}`),
  wavg: (x, d) => over(x, d, (list) => `list_sum${list} / ${d}`),
  wstd: (x, d) =>
    over(
      x,
      d,
      (list) =>
        `case when list_min${list} = list_max${list} then 0 else list_aggregate(${list}, 'stddev_samp') end`,
    ),
  wmin: (x, d) => over(x, d, (list) => `list_min${list}`),
  wmax: (x, d) => over(x, d, (list) => `list_max${list}`),
  wprod: (x, d) => over(x, d, (list) => `list_aggregate(${list}, 'product')`),
  wrank: (x, d) =>
    over(digits(x), d, (list) => {
      const count = (comparison: string) =>
        `len(list_filter(${list}, lambda v: v ${comparison} ${digits(x)}))`;
      return `(${count("<")} + (${count("=")} + 1) / 2.0) / ${d}`;
    }),
  wargmax: (x, d) =>
    over(digits(x), d, (list) => `${d} + 1 - list_position(list_reverse${list}, list_max${list})`),
  wargmin: (x, d) =>
    over(digits(x), d, (list) => `${d} + 1 - list_position(list_reverse${list}, list_min${list})`),
  wdecay: (x, d) =>
    over(x, d, (list) => `list_sum(list_transform(${list}, lambda v, i: v * i)) / (${d} * (${d} + 1) / 2)`),
  delay: (x, d) => `lag(${x}, ${d}) ${BY_SYMBOL}`,
  delta: (x, d) => `(${x} - lag(${x}, ${d}) ${BY_SYMBOL})`,
  correlation: (x, y, d) =>
    `case when ${moves(x, y, d)} then round(corr(${x}, ${y}) ${last(d)} * pow(2, 40)) / pow(2, 40) end`,
  covariance: (x, y, d) =>
    `case when count(${x} + ${y}) ${last(d)} = ${d} then covar_samp(${x}, ${y}) ${last(d)} end`,
  ratio: (x, y) => `((${x}) / nullif(${y}, 0))`,
  scaled: (x) => `((${x}) / nullif(sum(abs(${x})) over (partition by ts), 0))`,
};

/** A step with the operators written out. */
function expand(text: string, operators: typeof OPERATORS): string {
  const found = /\b([a-z]+)\(/g;
  for (let match = found.exec(text); match !== null; match = found.exec(text)) {
    const operator = Object.hasOwn(operators, match[1]!) ? operators[match[1]!] : undefined;
    if (operator === undefined) continue;
    const operands: string[] = [];
    let depth = 1;
    let from = found.lastIndex;
    let at = from;
    for (; depth > 0; at++) {
      const letter = text[at];
      if (letter === undefined)
        throw new SyntaxError(`Cannot expand ${text.slice(match.index)}: no closing bracket.`);
      if (letter === "(") depth++;
      if (letter === ")") depth--;
      if (depth === 0 || (depth === 1 && letter === ",")) {
        operands.push(expand(text.slice(from, at).trim(), operators));
        from = at + 1;
      }
    }
    const [x = "", y = "", d = ""] = operands;
    return text.slice(0, match.index) + operator(x, y, d) + expand(text.slice(at), operators);
  }
  return text;
}

/**
 * A step whose `pct(x)`, the percentile rank of x among the symbols of the moment, are taken beforehand: all in one table
 * of one value a row, which costs one sort. Values are rounded to 2^-40
 * of the power of two above the moment's largest before. Equal values share the mean of the first and the last place, each counted from its own end.
 */
function withRanks(step: string): string[] {
  const ranked: string[] = [];
  const withoutRanks = expand(step, {
    pct(x) {
      const known = ranked.indexOf(x);
      return `ranks.e${known >= 0 ? known : ranked.push(x) - 1}`;
    },
  });
  const match = /^create table (\w+) as select ([\s\S]*)\bfrom (\([\s\S]*\)|\w+)$/.exec(withoutRanks);
  if (ranked.length === 0 || match === null) return [expand(step, OPERATORS)];
  const [, table = "", columns = "", from = ""] = match;
  const values = ranked.map((x, i) => `(${expand(x, OPERATORS)})::double as e${i}`);
  const place = (order: string) => `rank() over (partition by name, ts order by digits ${order})`;
  return [
    `create table ${table}_ranks as
     with given as (select id, ts, ${values.join(", ")} from ${expand(from, OPERATORS)}),
     long as (select *, case when value = 0 then 0 else round(value / pow(2, ceil(log2(max(abs(value)) over (partition by name, ts))) - 40)) end as digits from (unpivot given on columns('^e\\d+$') into name name value value)),
     placed as (select id, name, (${place("asc")} + count(*) over (partition by name, ts) + 1 - ${place("desc")}) / 2.0
       / count(*) over (partition by name, ts) as rank from long)
     select id, ${ranked.map((_, i) => `max(rank) filter (name = 'e${i}') as e${i}`).join(", ")} from placed group by id`,
    `create table ${table} as select ${expand(columns, OPERATORS).replace("*", "given.*")}
     from ${expand(from, OPERATORS)} given left join ${table}_ranks ranks on ranks.id = given.id`,
  ];
}

const STEPS: readonly string[] = [
  `create table t0 as select *, row_number() over () as id, (high + low + close) / 3 as vwap, (high + low + close) / 3 * volume as money,
     (high + low) / 2 as mid, ratio(close, delay(close, 1)) - 1 as ret,
     case when volume > 0 then ln(volume) end as log_volume
   from bars`,
  `create table t1 as select *,
     delta(close, 1) as d1, delta(close, 3) as d3, delta(close, 4) as d4, delta(close, 5) as d5, delta(close, 7) as d7, delta(close, 10) as d10,
     wavg(money, 5) as adv5, wavg(money, 10) as adv10, wavg(money, 15) as adv15,
     wavg(money, 20) as adv20, wavg(money, 30) as adv30, wavg(money, 40) as adv40,
     wavg(money, 50) as adv50, wavg(money, 60) as adv60, wavg(money, 180) as adv180,
     wstd(ret, 20) as sd_ret20, wstd(ret, 2) as sd_ret2, wstd(ret, 5) as sd_ret5,
     delay(-ret, 6) as ret_before, delay(close, 5) as close5, delay(volume, 1) as volume1, delay(open - close, 1) as fall1,
     correlation(open, volume, 10) as c_open_volume, correlation(high, volume, 5) as c_high_volume5,
     correlation(high, volume, 10) as c_high_volume10, correlation(close, open, 10) as c_close_open,
     correlation(vwap, volume, 4) as c_vwap_volume4, correlation(low, volume, 6) as c_low_volume6,
     wrank(volume, 5) as tr_volume5, wrank(high, 5) as tr_high5, wrank(close, 10) as tr_close10,
     wrank(close, 8) as tr_close8, wrank(close, 7) as tr_close7, wrank(close, 3) as tr_close3,
     wrank(vwap, 3) as tr_vwap3, wrank(volume, 18) as tr_volume18, wrank(mid, 3) as tr_mid3,
     wrank(volume, 10) as tr_volume10, wrank(vwap, 19) as tr_vwap19,
     wmin(low, 5) as low5, wmin(low, 12) as low12, wmax(high, 12) as high12,
     wsum(close, 5) as s_close5, wsum(close, 20) as s_close20, wavg(close, 100) as m_close100,
     wargmax(close, 30) as am_close30, wargmax(close, 10) as am_close10,
     ratio((close - low) - (high - close), close - low) as place, ratio(high - low, wavg(close, 5)) as width,
     delta(vwap, 3) as d_vwap3, delta(vwap, 4) as d_vwap4,
     ratio(low * 0.96633 + low * (1 - 0.96633) - vwap, open - mid) as below_open,
     open * 0.147155 + low * (1 - 0.147155) as mix73, wavg(money, 120) as adv120, wavg(close, 7) as m_close7,
     open - delay(high, 1) as open_high1, open - delay(close, 1) as open_close1, open - delay(low, 1) as open_low1,
     delta(vwap, 5) as d_vwap5, delta(volume, 1) as dv1, delta(mid * 0.178404 + vwap * (1 - 0.178404), 3) as d_mix64
   from t0`,
  `create table t2 as select *,
     case when ret < 0 then sd_ret20 when ret >= 0 then close end * case when ret < 0 then sd_ret20 when ret >= 0 then close end
       as squared,
     wmin(d1, 5) as d1_min5, wmax(d1, 5) as d1_max5, wmin(d1, 4) as d1_min4, wmax(d1, 4) as d1_max4,
     wsum(open, 5) * wsum(ret, 5) as open_ret, wavg(vwap, 10) as m_vwap10,
     wmax(vwap - close, 3) as vc_max, wmin(vwap - close, 3) as vc_min, delta(volume, 3) as dv3,
     delta(log_volume, 2) as dlv2, delta(ret, 3) as dret3, delta(d1, 1) as dd1, ratio(volume, adv20) as rel_volume,
     wstd(abs(close - open), 5) as sd_body, wsum(ret, 250) as s_ret250, wsum(ret, 240) as s_ret240,
     wsum(ret, 20) as s_ret20, wstd(close, 20) as sd_close20, delta(c_high_volume5, 5) as dc_high_volume,
     correlation(tr_volume5, tr_high5, 5) as c_ranks5, correlation(adv20, low, 5) as c_adv_low5,
     correlation(adv20, low, 12) as c_adv_low12, correlation(vwap, close5, 230) as c_vwap_close,
     correlation(close - open, volume1, 15) as c_body_volume, wrank(ret_before, 5) as tr_ret_before,
     correlation(vwap, adv20, 6) as c_vwap_adv, wavg(close, 200) as m_close200,
     correlation(fall1, close, 200) as c_fall_close, wstd(high, 10) as sd_high10,
     wavg(close5, 20) as m_close5, correlation(close, volume, 2) as c_close_volume2, correlation(s_close5, s_close20, 2) as c_sums,
     wrank(ret, 32) as tr_ret32, wrank(volume, 32) as tr_volume32, wrank(close + high - low, 16) as tr_chl,
     wavg(high, 20) as m_high20, wavg(close, 8) as m_close8, wstd(close, 8) as sd_close8,
     wrank(-d7, 8) as tr_d7, delta(m_close100, 100) as dm100, wmin(close, 100) as low_close100,
     delay(width, 2) as width2, wrank(abs(d7), 60) as tr_d7_60,
     correlation(vwap, adv180, 17) as c_vwap_adv180, wmin(vwap, 16) as vwap_min16,
     wsum(adv20, 22) as s_adv20, wsum(adv60, 8) as s_adv60, wmin(open, 13) as open_min13,
     wdecay(d_vwap3, 7) as dl_vwap3, wdecay(below_open, 11) as dl_below,
     delta(close * 0.518371 + low * (1 - 0.518371), 1) as d_mix68, wrank(adv180, 12) as tr_adv180,
     correlation(mid, adv40, 8) as c_mid_adv8, correlation(mid, adv40, 3) as c_mid_adv3, correlation(tr_vwap3, tr_volume18, 6) as c_tr72,
     wdecay(d_vwap4, 2) as dl_vwap4, -ratio(delta(mix73, 2), mix73) as rel73,
     wdecay(mid + high - (vwap + high), 20) as dl77, wsum(low * 0.352233 + vwap * (1 - 0.352233), 19) as s_mix78,
     wsum(adv40, 19) as s_adv40, wsum(adv10, 49) as s_adv10,
     vwap - wmax(vwap, 15) as below_vwap, correlation(high * 0.876703 + close * (1 - 0.876703), adv30, 9) as c85,
     correlation(tr_mid3, tr_volume10, 7) as c_tr85, wsum(adv20, 14) as s_adv20_14, wsum(adv30, 37) as s_adv30,
     wrank(adv60, 20) as tr_adv60_20, wrank(adv60, 4) as tr_adv60_4,
     case when mid + close < low + open then 1 when mid + close >= low + open then 0 end as is_low, wmin(vwap, 11) as vwap_min11,
     wmin(open, 12) as open_min12, wsum(mid, 19) as s_mid19, wsum(adv60, 19) as s_adv60_19,
     wsum(adv5, 26) as s_adv5, wdecay(ratio(volume, adv20), 9) as dl_rel_volume,
     sign(d1) + sign(delay(d1, 1)) + sign(delay(d1, 2)) as signs, wsum(adv120, 12) as s_adv120,
     wsum(open * 0.178404 + low * (1 - 0.178404), 12) as s_mix64
   from t1`,
  `create table t3 as select *,
     wargmax(squared, 5) as am_squared, open_ret - delay(open_ret, 10) as d_open_ret, wrank(rel_volume, 5) as tr_rel5,
     wrank(rel_volume, 20) as tr_rel20, correlation(vwap, s_adv20, 9) as c62,
     correlation(open * 0.00817205 + vwap * (1 - 0.00817205), s_adv60, 6) as c65, wrank(dl_below, 6) as tr_dl_below,
     correlation(tr_close3, tr_adv180, 18) as c71, wdecay(c_mid_adv8, 10) as dl72, wdecay(c_tr72, 2) as dl72b,
     wdecay(rel73, 3) as dl73, correlation(close, s_adv30, 15) as c74, wdecay(c_mid_adv3, 5) as dl77b,
     correlation(s_mix78, s_adv40, 6) as c78, correlation(vwap, s_adv10, 8) as c81, wrank(below_vwap, 20) as tr84,
     correlation(close, s_adv20_14, 6) as c86, correlation(tr_close8, tr_adv60_20, 8) as c88, wdecay(is_low, 14) as dl92,
     correlation(tr_vwap19, tr_adv60_4, 18) as c94, correlation(s_mid19, s_adv40, 12) as c95, correlation(tr_close7, tr_adv60_4, 3) as c96,
     correlation(vwap, s_adv5, 4) as c98, correlation(s_mid19, s_adv60_19, 8) as c99, correlation(s_mix64, s_adv120, 16) as c64,
     case when 0 < d1_min4 or d1_max4 < 0 then d1 when d1_min4 <= 0 and d1_max4 >= 0 then -d1 end as turn10
   from t2`,
  `create table t4 as select *,
     wdecay(c71, 4) as dl71, wrank(dl73, 16) as tr73, wrank(c86, 20) as tr86, wdecay(c88, 6) as dl88,
     wrank(dl92, 18) as tr92, wrank(c94, 2) as tr94, wargmax(c96, 12) as am96, wdecay(c98, 7) as dl98
   from t3`,
  `create table t5 as select *,
     wrank(dl71, 15) as tr71, wrank(dl88, 2) as tr88, wdecay(am96, 14) as dl96
   from t4`,
  `create table t6 as select *, wrank(dl96, 13) as tr96 from t5`,
  `create table r1 as select *,
     pct(open) as r_open, pct(high) as r_high, pct(low) as r_low, pct(close) as r_close, pct(volume) as r_volume, pct(vwap) as r_vwap,
     pct(dlv2) as r_dlv2, pct(ratio(close - open, open)) as r_body, pct(adv15) as r_adv15, pct(adv30) as r_adv30, pct(adv50) as r_adv50,
     pct(d1) as r_d1, pct(d5) as r_d5, pct(d10) as r_d10, pct(mid) as r_mid, pct(dl_rel_volume) as r_dl_rel_volume,
     pct(ratio(close - low12, high12 - low12)) as r_place12, pct(am_close30) as r_am30,
     pct(high * 0.0261661 + vwap * (1 - 0.0261661)) as r_mix74, pct(low + open - (vwap + vwap)) as r71, pct(c81) as r81, pct(c95) as r95,
     pct(am_squared) - 0.5 as alpha1, pct(open - m_vwap10) * -abs(pct(close - vwap)) as alpha5, -pct(d_open_ret) as alpha8,
     pct(turn10) as alpha10, (pct(vc_max) + pct(vc_min)) * pct(dv3) as alpha11, -pct(dret3) * c_open_volume as alpha14,
     -pct(tr_close10) * pct(dd1) * pct(tr_rel5) as alpha17, -pct(sd_body + (close - open) + c_close_open) as alpha18,
     -sign(close - delay(close, 7) + d7) * (1 + pct(1 + s_ret250)) as alpha19,
     -pct(open_high1) * pct(open_close1) * pct(open_low1) as alpha20,
     -(dc_high_volume * pct(sd_close20)) as alpha22, pct(-ret * adv20 * vwap * (high - close)) as alpha25,
     scaled(c_adv_low5 + mid - close) as alpha28,
     ratio((1 - pct(signs)) * wsum(volume, 5), wsum(volume, 20)) as alpha30,
     scaled(m_close7 - close) + 20 * scaled(c_vwap_close) as alpha32, pct(-(1 - ratio(open, close))) as alpha33,
     pct(ratio(sd_ret2, sd_ret5)) as r_calm,
     2.21 * pct(c_body_volume) + 0.7 * pct(open - close) + 0.73 * pct(tr_ret_before) + pct(abs(c_vwap_adv))
       + 0.6 * pct((m_close200 - open) * (close - open)) as alpha36,
     pct(c_fall_close) + pct(open - close) as alpha37, -pct(tr_close10) * pct(ratio(close, open)) as alpha38,
     -pct(sd_high10) * c_high_volume10 as alpha40, ratio(pct(vwap - close), pct(vwap + close)) as alpha42,
     -(pct(m_close5) * c_close_volume2 * pct(c_sums)) as alpha45,
     ratio(pct(ratio(1, close)) * volume, adv20) * ratio(high * pct(high - close), wavg(high, 5)) - pct(d_vwap5) as alpha47,
     (-low5 + delay(low5, 5)) * pct((s_ret240 - s_ret20) / 220) * tr_volume5 as alpha52,
     pct(ratio((close - low) - (high - close), high - low) * volume) as r60a, pct(am_close10) as r60b,
     pct(vwap - vwap_min16) as r61a, pct(c_vwap_adv180) as r61b, pct(c62) as r62, pct(c64) as r64a, pct(d_mix64) as r64b, pct(c65) as r65a, pct(open - open_min13) as r65b,
     -(pct(dl_vwap3) + tr_dl_below) as alpha66, pct(d_mix68) as r68, ratio(pct(dl72), pct(dl72b)) as alpha72,
     case when tr73 is not null and dl_vwap4 is not null then -greatest(pct(dl_vwap4), tr73) end as g73, pct(c74) as r74, pct(c_vwap_volume4) as r75, pct(dl77) as r77a, pct(dl77b) as r77b,
     pct(c78) as r78, pct(width2) as r83, pct(c85) as r85a, pct(c_tr85) as r85b, pct(open + close - (vwap + open)) as r86,
     pct(vwap - vwap_min11) as r94, pct(open - open_min12) as r95b, pct(dl98) as r98, pct(c99) as r99a, pct(c_low_volume6) as r99b,
     pct(s_ret250) as r_ret250, pct(-d3) as r_d3
   from t6`,
  `create table w1 as select *,
     correlation(r_dlv2, r_body, 6) as c2, correlation(r_open, r_volume, 10) as c3, covariance(r_close, r_volume, 5) as v13,
     covariance(r_high, r_volume, 5) as v16, correlation(r_high, r_volume, 3) as c15, correlation(r_volume, r_vwap, 6) as c27,
     correlation(high, r_volume, 5) as c44, correlation(r_volume, r_vwap, 5) as c50, correlation(r_place12, r_volume, 6) as c55,
     correlation(r_high, r_adv15, 8) as c68, correlation(r_mix74, r_volume, 11) as c74b, correlation(r_low, r_adv50, 12) as c75,
     correlation(r_vwap, r_volume, 5) as c78b, correlation(r_low, r_adv30, 7) as c92, correlation(r_vwap, r_volume, 3) as c96b,
     correlation(r_open, r_adv15, 20) as c98b, wrank(r_low, 9) as tr4, wdecay(r_am30, 2) as dl57,
     wdecay(r71 * r71, 16) as dl71b, wdecay(r_open + r_low - (r_high + r_close), 8) as dl88b,
     wrank(r95 * r95 * r95 * r95 * r95, 11) as tr95
   from r1`,
  `create table w1b as select *, pct(r_d10) as pct_d10, pct(r81 * r81 * r81 * r81) as pct_r81, pct(-r_d5) as pct_d5 from w1`,
  `create table w2 as select *,
     wsum(c27, 2) / 2 as half27, wrank(c68, 13) as tr68, wrank(dl71b, 4) as tr71b, wdecay(c92, 6) as dl92b,
     wdecay(c96b, 4) as dl96b, wargmin(c98b, 8) as am98, wdecay(-pct_d10, 10) as dl31,
     wprod(pct_r81, 14) as p81, wmin(pct_d5, 2) as low29
   from w1b`,
  `create table w3 as select *,
     wrank(dl92b, 6) as tr92b, wrank(dl96b, 8) as tr96b, wrank(am98, 6) as tr98
   from w2`,
  `create table w4 as select *, wdecay(tr98, 8) as dl98b from w3`,
  `create table r2 as select *,
     -pct(v13) as alpha13, -pct(v16) as alpha16, pct(c15) as r15, pct(half27) as r27, pct(c50) as r50, pct(dl31) as r31,
     scaled(c_adv_low12) as scale31, pct((1 - r_calm) + (1 - r_d1)) as alpha34, -pct(d7 * (1 - r_dl_rel_volume)) * (1 + r_ret250) as alpha39,
     scaled(r60a) as s60a, scaled(r60b) as s60b,
     case when r_open + r_open < r_mid + r_high then 1 when r_open + r_open >= r_mid + r_high then 0 end as less62,
     pct(c74b) as r74b, pct(c75) as r75b, pct(c78b) as r78b, pct(r_volume) as rr_volume, pct(dl88b) as r88,
     pct(case when p81 > 0 then ln(p81) end) as rl81, pct(dl98b) as r98b, scaled(ln(low29)) as s29
   from w4`,
  `create table r3 as select *, pct(less62) as r62b, pct(s29) as r29 from r2`,
  `create table alphas as select symbol, ts, alpha1, -c2 as alpha2, -c3 as alpha3, -tr4 as alpha4, alpha5,
     -c_open_volume as alpha6,
     case when adv20 < volume then -tr_d7_60 * sign(d7) when adv20 >= volume then -1 end as alpha7, alpha8,
     case when 0 < d1_min5 or d1_max5 < 0 then d1 when d1_min5 <= 0 and d1_max5 >= 0 then -d1 end as alpha9, alpha10, alpha11,
     -sign(dv1) * d1 as alpha12, alpha13, alpha14, -wsum(r15, 3) as alpha15, alpha16, alpha17, alpha18, alpha19, alpha20,
     case when m_close8 + sd_close8 < wavg(close, 2) then -1
       when wavg(close, 2) < m_close8 - sd_close8 then 1
       when m_close8 + sd_close8 is null or rel_volume is null then null
       when rel_volume >= 1 then 1 else -1 end as alpha21, alpha22,
     case when m_high20 < high then -(high - delay(high, 2)) when m_high20 >= high then 0 end as alpha23,
     case when ratio(dm100, delay(close, 100)) <= 0.05 then -(close - low_close100)
       when ratio(dm100, delay(close, 100)) > 0.05 then -d3 end as alpha24,
     alpha25, -wmax(c_ranks5, 3) as alpha26, case when 0.5 < r27 then -1 when r27 <= 0.5 then 1 end as alpha27, alpha28,
     wmin(r29, 5) + tr_ret_before as alpha29, alpha30, r31 + r_d3 + sign(scale31) as alpha31, alpha32, alpha33, alpha34,
     tr_volume32 * (1 - tr_chl) * (1 - tr_ret32) as alpha35, alpha36, alpha37, alpha38, alpha39, alpha40,
     sqrt(high * low) - vwap as alpha41, alpha42, tr_rel20 * tr_d7 as alpha43, -c44 as alpha44, alpha45,
     case when slope > 0.25 then -1 when slope < 0 then 1 when slope is not null then -d1 end as alpha46, alpha47,
     case when slope < -0.1 then 1 when slope is not null then -d1 end as alpha49, -wmax(r50, 5) as alpha50,
     case when slope < -0.05 then 1 when slope is not null then -d1 end as alpha51, alpha52, -delta(place, 9) as alpha53,
     ratio(-(low - close) * pow(open, 5), (low - high) * pow(close, 5)) as alpha54, -c55 as alpha55,
     -ratio(close - vwap, dl57) as alpha57, -(2 * s60a - s60b) as alpha60, (r61a < r61b)::int as alpha61,
     -(r62 < r62b)::int as alpha62, -(r64a < r64b)::int as alpha64, -(r65a < r65b)::int as alpha65, alpha66,
     -(tr68 < r68)::int as alpha68, case when tr71 + tr71b is not null then greatest(tr71, tr71b) end as alpha71, alpha72,
     case when tr73 is not null then g73 end as alpha73, -(r74 < r74b)::int as alpha74, (r75 < r75b)::int as alpha75,
     case when r77a + r77b is not null then least(r77a, r77b) end as alpha77, pow(r78, r78b) as alpha78,
     -(rl81 < r78b)::int as alpha81, ratio(r83 * rr_volume, ratio(width, vwap - close)) as alpha83, pow(tr84, d4) as alpha84,
     pow(r85a, r85b) as alpha85, -(tr86 < r86)::int as alpha86,
     case when r88 + tr88 is not null then least(r88, tr88) end as alpha88,
     case when tr92 + tr92b is not null then least(tr92, tr92b) end as alpha92, -pow(r94, tr94) as alpha94,
     (r95b < tr95)::int as alpha95, case when tr96b + tr96 is not null then -greatest(tr96b, tr96) end as alpha96,
     r98 - r98b as alpha98, -(r99a < r99b)::int as alpha99, ratio(close - open, high - low + 0.001) as alpha101
   from (select *, (delay(close, 20) - delay(close, 10)) / 10 - (delay(close, 10) - close) / 10 as slope from r3)`,
];

/**
 * The alphas once more, in SQL, from the paper's text: a second implementation that shares nothing with the first. Steps
 * alternate between windows over a symbol's bars and windows over a moment's symbols. The first step reads a table `bars`
 * (symbol, ts, open, high, low, close, volume); the last leaves a table `alphas`.
 */
export const ALPHA101_SQL = STEPS.flatMap(withRanks);
