import { describe, expect, test } from "vitest";
import { parseFields } from "../../../runtime/routes/fields.ts";
import { ImportBody } from "../../../runtime/routes/request-schemas.ts";
import { messageOf } from "../../../shared/errors/index.ts";

const parse = (options: unknown) => parseFields(ImportBody, { files: ["bars.csv"], options }, "in the body");

const refusal = (options: unknown): string => {
  try {
    parse(options);
  } catch (error) {
    return messageOf(error);
  }
  return "accepted";
};

const SEPARATOR = "one character other than a quote or a line break, or \\t for a tab";

describe("ImportBody refuses options that make no sense:", () => {
  test.each([
    ["kind", "ticks", '"bars", "series" or "attributes"'],
    ["stamp", "middle", '"start" or "end"'],
    ["separator", "\n", SEPARATOR],
    ["separator", "", SEPARATOR],
    ["separator", '"', SEPARATOR],
    ["separator", ";;", SEPARATOR],
    ["intervalSeconds", 0, 'a whole number of seconds, at least 1, or "1d"'],
    ["intervalSeconds", 1.5, 'a whole number of seconds, at least 1, or "1d"'],
    ["intervalSeconds", "1h", 'a whole number of seconds, at least 1, or "1d"'],
    ["availabilitySeconds", -1, "a number of seconds, at least 0"],
    ["priceScale", 0, "a number above 0"],
    ["symbol", " ", "a symbol"],
    ["symbolPattern", "", "a regular expression with one group"],
    ["ignore", [], "a list of source columns"],
  ])("%s %j", (name, value, expected) => {
    expect(refusal({ [name]: value })).toBe(
      `Cannot read the field "options.${name}" in the body: given ${JSON.stringify(value)}, expected ${expected}.`,
    );
  });

  test.each([
    { separator: "|" },
    { separator: "\\t" },
    { intervalSeconds: "1d" },
    { intervalSeconds: 60, availabilitySeconds: 0.5 },
  ])("and takes %j", (options) => {
    expect(parse(options).options).toEqual(options);
  });
});
