import { describe, expect, test } from "vitest";
import {
  compareWithReference,
  hasReferenceSeries,
  referenceField,
  referenceQuotes,
} from "./reference-series.ts";

describe.skipIf(!hasReferenceSeries)("reference series (skipped: ../shared is absent)", () => {
  const comparison = (actual: ArrayLike<unknown>) => ({
    group: "averages",
    series: "ema",
    expectedFile: "ema.standard.json",
    field: "EMA",
    actual,
  });

  test("referenceQuotes() gives one typed column for each of the file's", () => {
    const { date, open, high, low, close, volume } = referenceQuotes();
    expect([date.length, open.length, volume.length]).toEqual([502, 502, 502]);
    expect([date[0], open[0], high[0], low[0], close[0], volume[0]]).toEqual([
      "2017-01-03",
      212.61,
      213.35,
      211.52,
      212.8,
      96708880,
    ]);
  });

  test("compareWithReference() takes the series itself, null or NaN in the warm-up", () => {
    const series = referenceField("ema", "ema");
    expect(compareWithReference(comparison(series))).toBe(0);
    expect(compareWithReference(comparison(Float64Array.from(series, (value) => value ?? NaN)))).toBe(0);
    expect(series.findIndex((value) => value !== null)).toBe(19);
  });

  test("compareWithReference() refuses a value that is off, a null, another first row, another length", () => {
    const changed = (row: number, value: number | null) => referenceField("ema", "ema").with(row, value);
    const refused = (actual: ArrayLike<unknown>) => expect(() => compareWithReference(comparison(actual)));
    const off = (referenceField("ema", "ema")[100] ?? 0) * (1 + 3e-9);
    refused(changed(100, off)).toThrow("averages.ema against EMA of ema.standard.json: row 100 is");
    refused(changed(100, null)).toThrow("averages.ema against EMA of ema.standard.json: row 100");
    refused(changed(18, 200)).toThrow("row of the first value: expected 18 to be 19");
    refused(referenceField("ema", "ema").slice(1)).toThrow("rows: expected 501 to be 502");
    expect(compareWithReference({ ...comparison(changed(100, off)), tolerance: 1e-8 })).toBeGreaterThan(2e-9);
  });

  test("referenceField() refuses a field that no row has", () => {
    expect(() => referenceField("ema", "sma")).toThrow(
      "Cannot read ema.standard.json: no field sma among timestamp, ema.",
    );
  });
});
