import { describe, expect, test } from "vitest";
import { findJsonFault } from "../../../runtime/routes/json-fault.ts";

describe("findJsonFault() finds", () => {
  test.each([
    ['{"symbols": [', 1, 14, 'a value or "]"', "the end"],
    ["", 1, 1, "a value", "the end"],
    ['{"a": 1,}', 1, 9, "a name in double quotes", "}"],
    ["{\n  'a': 1\n}", 2, 3, 'a name in double quotes or "}"', "'"],
    ['{"a" 1}', 1, 6, '":"', "1"],
    ['{"a": 1 "b": 2}', 1, 9, '"," or "}"', '"'],
    ["[1, 2", 1, 6, '"," or "]"', "the end"],
    ["[1, 2}", 1, 6, '"," or "]"', "}"],
    ["[01]", 1, 2, 'a value or "]"', "01"],
    ["[1.]", 1, 2, 'a value or "]"', "1."],
    ["[.5]", 1, 2, 'a value or "]"', ".5"],
    ["{} {}", 1, 4, "nothing more", "{"],
    ['{"a":\n\n  undefined}', 3, 3, "a value", "undefined"],
    ['{"a": tru}', 1, 7, "a value", "tru"],
    ['["tab\there"]', 1, 2, 'a value or "]"', '"'],
    ['["\\x"]', 1, 2, 'a value or "]"', '"'],
    ["[NaN]", 1, 2, 'a value or "]"', "NaN"],
    ["[1, // one\n2]", 1, 5, "a value", "/"],
  ])("in %j line %d, column %d", (text, line, column, expected, found) => {
    expect(findJsonFault(text)).toEqual({ line, column, expected, found });
  });

  test("nothing in what the runtime's own parser takes, and something in what it refuses", () => {
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      "1",
      "-0.5e3",
      "true",
      "null",
      " ",
      "\n",
      '"\\u00e9"',
    ];
    let seed = 7;
    const pick = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return pieces[seed % pieces.length] ?? "";
    };
    let taken = 0;
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: 1 + (round % 6) }, pick).join("");
      const isTaken = parses(text);
      if (isTaken) taken++;
      expect([text, findJsonFault(text) === undefined]).toEqual([text, isTaken]);
    }
    expect(taken).toBeGreaterThan(500);
  });

  test("its way through a million open brackets", () => {
    expect(findJsonFault("[".repeat(1_000_000))).toMatchObject({ column: 1_000_001, found: "the end" });
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
