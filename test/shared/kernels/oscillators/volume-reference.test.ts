import { describe, test } from "vitest";
import { percentageOscillator } from "../../../../shared/kernels/index.ts";
import {
  compareWithReference,
  hasReferenceSeries,
  referenceQuotes,
} from "../../../support/reference-series.ts";

describe.skipIf(!hasReferenceSeries)("Stock.Indicators (skipped: ../shared is absent)", () => {
  test("percentageOscillator() of volumes is its PVO, from the same bars on", () => {
    const { volume } = referenceQuotes();
    const outs = ["pvo", "signal", "histogram"].map((field) => ({ field, out: volume.slice() }));
    const [line, signal, histogram] = outs.map(({ out }) => out);
    percentageOscillator(volume, { fast: 12, slow: 26, signal: 9 }, line!, signal!, histogram!);
    for (const { field, out } of outs) {
      compareWithReference({ group: "kernels", series: field, expectedFile: "pvo", field, actual: out });
    }
  });
});
