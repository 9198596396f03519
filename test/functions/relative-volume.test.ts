import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import relativeVolume from "../../functions/relative-volume/index.ts";
import { resolveFunction } from "../../shared/contract/describe.ts";
import { bitsOf, seededRandom } from "../shared/kernels/series.ts";
import { largestRelativeDifference, numbersOf, queryColumns } from "../support/query-columns.ts";
import { hasRealData } from "../support/real-data.ts";
import { NEW_YORK, usMinuteBars } from "./us-minutes.ts";

const run = (volume: ArrayLike<number | null>, given: Partial<Parameters<typeof runFeature>[1]> = {}) =>
  runFeature(relativeVolume, { inputs: { bars: { volume } }, ...given }).outputs;

const NAMES = ["relative_volume", "usual_volume", "usual_count"] as const;

const HOUR = 3_600_000_000n;
const MIDNIGHT = 1_704_067_200_000_000n;

/** Bars at the given hours of consecutive days in UTC. */
const at = (hours: readonly (readonly number[])[]) =>
  BigInt64Array.from(
    hours.flatMap((day, i) => day.map((hour) => MIDNIGHT + BigInt(i) * 24n * HOUR + BigInt(hour) * HOUR)),
  );
const hourly = { intervalSeconds: 3_600 };

/** A dense series and a thin one. */
const SYMBOLS = ["FDS", "AZO"];

describe.skipIf(!hasRealData)("relative-volume on real minute bars (skipped: ../shared is absent)", () => {
  test("is what a second implementation in SQL gives, over a change of the clocks, half days and missing minutes", async () => {
    const expected = await queryColumns(`
      with bars as (${usMinuteBars(SYMBOLS, "2024-10-25", "2024-12-28")}),
      numbered as (
        select *, dense_rank() over (partition by symbol order by day) as session from bars where inside
      ),
      usual as (
        select now.symbol, now.us, any_value(now.session) as session,
          avg(before.volume) as mean, count(before.volume) as n
        from numbered now left join numbered before on before.symbol = now.symbol and before.minute = now.minute
          and before.session between now.session - 20 and now.session - 1
        group by all
      )
      select bars.symbol, bars.us, bars.volume,
        case when session > 20 then mean end as usual_volume,
        case when session > 20 then n end as usual_count,
        case when session > 20 then volume / nullif(mean, 0) end as relative_volume
      from bars left join usual using (symbol, us) order by bars.symbol, bars.us`);
    for (const symbol of SYMBOLS) {
      const rows = [
        expected["symbol"]!.indexOf(symbol),
        expected["symbol"]!.lastIndexOf(symbol) + 1,
      ] as const;
      const column = (name: string) => numbersOf(expected, name).subarray(...rows);
      const ts = BigInt64Array.from(column("us"), (us) => BigInt(us));
      expect(ts.length).toBeGreaterThan(4_000);
      const outputs = run(column("volume"), { ts, clock: NEW_YORK });
      expect(outputs.relative_volume.filter((value) => !Number.isNaN(value)).length).toBeGreaterThan(1_000);
      for (const name of NAMES) {
        expect([name, largestRelativeDifference(outputs[name], column(name)) < 1e-9]).toEqual([name, true]);
      }
    }
  });
});

describe("relative-volume", () => {
  test("by hand: two hours over three days, one of them missing once", () => {
    const outputs = run([10, 100, 30, 80, 200], {
      ts: at([[9, 10], [9], [9, 10]]),
      clock: hourly,
      params: { sessions: 2 },
    });
    expect([...outputs.usual_volume]).toEqual([NaN, NaN, NaN, 20, 100]);
    expect([...outputs.usual_count]).toEqual([NaN, NaN, NaN, 2, 1]);
    expect([...outputs.relative_volume]).toEqual([NaN, NaN, NaN, 4, 2]);
  });

  test("is null where no session has the slot, and a null volume is neither measured nor usual", () => {
    const outputs = run([10, null, 30, 40, 50, null], {
      ts: at([[9], [9], [9, 15], [9, 15]]),
      clock: hourly,
      params: { sessions: 2 },
    });
    expect([...outputs.usual_count]).toEqual([NaN, NaN, 1, 0, 1, 1]);
    expect([...outputs.relative_volume]).toEqual([NaN, NaN, 3, NaN, 50 / 30, NaN]);
    expect(outputs.usual_volume[5]).toBe(40);
  });

  test("leaves bars outside the sessions out, and a day with none of the others is no session", () => {
    const outputs = run([1, 10, 1, 20, 30], {
      ts: at([[5, 9], [5], [9], [9]]),
      clock: { ...hourly, sessions: [[540, 1_020]] },
      params: { sessions: 2 },
    });
    expect([...outputs.relative_volume]).toEqual([NaN, NaN, NaN, NaN, 2]);
  });

  test("of daily bars is volume over the mean of the volumes before", () => {
    expect([...run([1, 3, 4, 7], { params: { sessions: 2 } }).relative_volume]).toEqual([NaN, NaN, 2, 2]);
    expect([...run([5]).relative_volume]).toEqual([NaN]);
    expect([...run([0, 0, 5], { params: { sessions: 2 } }).relative_volume]).toEqual([NaN, NaN, NaN]);
    expect(run([]).relative_volume).toHaveLength(0);
  });

  test("declares a look-back that holds: a series cut that far before gives the same bits", () => {
    const random = seededRandom(11);
    const hours = Array.from({ length: 40 }, () =>
      Array.from({ length: 24 }, (_, hour) => hour).filter(() => random() < 0.7),
    );
    const ts = at(hours);
    const volume = Float64Array.from(ts, () => Math.round(random() * 1e6) / 7);
    const params = { sessions: 3, bars_per_day: 24 };
    const resolution = resolveFunction(relativeVolume, params);
    const lookBack = resolution.ok ? resolution.resolved.lookBack! : -1;
    expect(lookBack).toBe(95);
    const whole = run(volume, { ts, clock: hourly, params });
    for (let from = lookBack; from < ts.length; from += 37) {
      const start = from - lookBack;
      const cut = run(volume.subarray(start), { ts: ts.slice(start), clock: hourly, params, ordinal: start });
      for (const name of NAMES) {
        expect(bitsOf(cut[name].slice(lookBack))).toEqual(bitsOf(whole[name].slice(from)));
      }
    }
  });

  test("refuses a day with more bars than its look-back allows for", () => {
    const given = { ts: at([[9], [8, 9, 10]]), clock: hourly, params: { sessions: 1, bars_per_day: 2 } };
    expect(() => run([1, 2, 3, 4], given)).toThrow(
      'Cannot compute relative-volume of "TEST": it has more than 2 bars on 2024-01-02, and the look-back allows for ' +
        "no more. Set bars_per_day to the largest number of bars of a symbol on one date.",
    );
    expect(run([1, 2, 3, 4], { ...given, params: { sessions: 1, bars_per_day: 3 } }).relative_volume[2]).toBe(
      3,
    );
  });
});
