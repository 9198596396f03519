import { describe, expect, test } from "vitest";
import { parseSize } from "../../../shared/units/parse-size.ts";

describe("parseSize()", () => {
  test.each([
    ["100", 100],
    ["1k", 1024],
    ["512MiB", 512 * 1024 ** 2],
    ["1.5 G", 1.5 * 1024 ** 3],
    ["2TiB", 2 * 1024 ** 4],
    ["3kb", 3000],
    ["1.0009k", 1024],
  ])("reads %j", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(["", "k", "-1", "5x", "1e9", "5 5k", "1constructor"])("does not read %j", (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});
