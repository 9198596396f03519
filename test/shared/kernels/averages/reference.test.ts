import { describe, expect, test } from "vitest";
import {
  alma,
  dema,
  ema,
  epma,
  hma,
  kama,
  rollingMean,
  t3,
  tema,
  wilder,
  wma,
} from "../../../../shared/kernels/index.ts";
import {
  compareWithReference,
  hasReferenceSeries,
  referenceQuotes,
} from "../../../support/reference-series.ts";

type Run = (close: Float64Array, out: Float64Array) => void;

const KERNELS: Readonly<Record<string, readonly [first: number, run: Run]>> = {
  sma: [19, (close, out) => rollingMean(close, 20, out)],
  ema: [19, (close, out) => ema(close, 20, out)],
  smma: [19, (close, out) => wilder(close, 20, out)],
  wma: [13, (close, out) => wma(close, 14, out)],
  dema: [13, (close, out) => dema(close, 14, out)],
  tema: [19, (close, out) => tema(close, 20, out)],
  hma: [15, (close, out) => hma(close, 14, out)],
  t3: [0, (close, out) => t3(close, 5, out)],
  alma: [8, (close, out) => alma(close, 9, out)],
  epma: [9, (close, out) => epma(close, 10, out)],
  kama: [9, (close, out) => kama(close, { period: 10 }, out)],
};

describe.skipIf(!hasReferenceSeries)("averages of Stock.Indicators (skipped: ../shared is absent)", () => {
  test.each(Object.keys(KERNELS))("%s agrees from the same index to 1e-12", (name) => {
    const { close } = referenceQuotes();
    const [firstIndex, run] = KERNELS[name]!;
    const actual = new Float64Array(close.length);
    run(close, actual);
    const series = { group: "averages", series: name, expectedFile: name, field: name };
    compareWithReference({ ...series, actual, firstIndex, tolerance: 1e-12 });
  });

  test("the efficiency ratio of kama agrees from the same index", () => {
    const { close } = referenceQuotes();
    const efficiency = new Float64Array(close.length);
    kama(close, { period: 10 }, new Float64Array(close.length), { efficiency });
    const series = { group: "averages", series: "efficiency", expectedFile: "kama", field: "er" };
    expect(compareWithReference({ ...series, actual: efficiency, firstIndex: 10 })).toBeLessThan(1e-9);
  });
});
