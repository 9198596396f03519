import { describe, expect, test } from "vitest";
import {
  bollinger,
  chandelier,
  donchian,
  envelope,
  keltner,
  starc,
} from "../../../../shared/kernels/index.ts";
import {
  compareWithReference,
  hasReferenceSeries,
  referenceQuotes,
} from "../../../support/reference-series.ts";

describe.skipIf(!hasReferenceSeries)("bands of Stock.Indicators (skipped: ../shared is absent)", () => {
  const compare = (
    expectedFile: string,
    fields: Readonly<Record<string, Float64Array>>,
    firstIndex: number,
  ) =>
    Object.entries(fields).map(([field, actual]) =>
      compareWithReference({
        group: "bands",
        series: field,
        expectedFile,
        field,
        actual,
        firstIndex,
        tolerance: 1e-11,
      }),
    );
  const columns = () => {
    const quotes = referenceQuotes();
    const empty = () => new Float64Array(quotes.close.length);
    return {
      ...quotes,
      middle: empty(),
      upper: empty(),
      lower: empty(),
      percentB: empty(),
      bandwidth: empty(),
    };
  };

  test("bollinger(20, 2) agrees from index 19", () => {
    const { close, middle, upper, lower, percentB, bandwidth } = columns();
    bollinger(close, { period: 20 }, middle, upper, lower, { percentB, bandwidth });
    const fields = { sma: middle, upperBand: upper, lowerBand: lower, percentB, width: bandwidth };
    expect(compare("bb", fields, 19)).toHaveLength(5);
  });

  test("keltner(20, 2, 10) agrees from index 19", () => {
    const { high, low, close, middle, upper, lower } = columns();
    keltner(high, low, close, { period: 20 }, middle, upper, lower);
    expect(compare("keltner", { centerline: middle, upperBand: upper, lowerBand: lower }, 19)).toHaveLength(
      3,
    );
  });

  test("donchian(20) without the bar itself agrees from index 20", () => {
    const { high, low, middle, upper, lower } = columns();
    donchian(high, low, 20, middle, upper, lower, { lag: 1 });
    expect(compare("donchian", { centerline: middle, upperBand: upper, lowerBand: lower }, 20)).toHaveLength(
      3,
    );
  });

  test("chandelier(22, 3) agrees from index 22", () => {
    const { high, low, close, upper, lower } = columns();
    chandelier(high, low, close, { period: 22 }, upper, lower);
    expect(compare("chexit", { chandelierExit: upper }, 22)).toHaveLength(1);
  });
  test("starc(5, 2, 10) agrees, its middle from index 4, its bands from 10", () => {
    const { high, low, close, middle, upper, lower } = columns();
    starc(high, low, close, { period: 5 }, middle, upper, lower);
    compare("starc", { centerline: middle }, 4);
    expect(compare("starc", { upperBand: upper, lowerBand: lower }, 10)).toHaveLength(2);
  });

  test("envelope(20, 2.5) agrees from index 19", () => {
    const { close, middle, upper, lower } = columns();
    envelope(close, { period: 20 }, middle, upper, lower);
    const fields = { centerline: middle, upperEnvelope: upper, lowerEnvelope: lower };
    expect(compare("ma-env", fields, 19)).toHaveLength(3);
  });
});
