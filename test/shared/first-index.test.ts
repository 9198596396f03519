import { describe, expect, test } from "vitest";
import { firstIndex } from "../../shared/first-index.ts";

describe("firstIndex()", () => {
  const sorted = [1, 3, 3, 7];

  test.each([
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 3],
    [7, 3],
    [8, 4],
  ])("finds the first element of at least %d at %d", (value, index) => {
    expect(firstIndex(0, sorted.length, (i) => sorted[i]! >= value)).toBe(index);
  });

  test("asks only for indices in its range, and returns the end where there is none", () => {
    const asked: number[] = [];
    const ask = (i: number) => {
      asked.push(i);
      return false;
    };
    expect(firstIndex(2, 5, ask)).toBe(5);
    expect(asked.every((i) => i >= 2 && i < 5)).toBe(true);
    expect(firstIndex(3, 3, ask)).toBe(3);
  });
});
