import { describe, expect, test } from "vitest";
import { createCoder } from "../../../../runtime/load/parquet/decode-codes.ts";

function codesOf(known: readonly string[], asked: readonly string[]): number[] {
  const coder = createCoder(known);
  return asked.map((text) => {
    const bytes = new TextEncoder().encode(`<${text}>`);
    return coder.codeOf(bytes, 1, bytes.length - 1);
  });
}

describe("createCoder()", () => {
  const known = ["A", "AA", "AAPL", "B", "BRK.B", "Z", "Zürich", "東京"];

  test("finds every text, in order and out of it", () => {
    expect(codesOf(known, known)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(codesOf(known, known.toReversed())).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
    expect(codesOf(known, ["B", "B", "B", "A", "A", "東京", "AA"])).toEqual([3, 3, 3, 0, 0, 7, 1]);
  });

  test("finds nothing that is not known, and goes on finding what is", () => {
    const asked = [
      "",
      "0",
      "A",
      "AAP",
      "AAPL",
      "AAPLX",
      "BRK",
      "Y",
      "Z",
      "Zurich",
      "東",
      "東京",
      "東京都",
      "A",
    ];
    expect(codesOf(known, asked)).toEqual([-1, -1, 0, -1, 2, -1, -1, -1, 5, -1, -1, 7, -1, 0]);
  });

  test("knows nothing when there is nothing to know", () => {
    expect(codesOf([], ["", "A"])).toEqual([-1, -1]);
  });
});
