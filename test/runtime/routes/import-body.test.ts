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

describe("ImportBody refuses options that make no sense:", () => {
  test.each([
    ["kind", "ticks", '"bars", "series" or "attributes"'],
    ["stamp", "middle", '"start" or "end"'],
    ["separator", "\n", "one to eight characters without a quote or a line break"],
    ["separator", "", "one to eight characters without a quote or a line break"],
    ["separator", '"', "one to eight characters without a quote or a line break"],
    ["separator", "123456789", "one to eight characters without a quote or a line break"],
    ["intervalSeconds", 0, 'a whole number of seconds, at least 1, or "1d"'],
    ["intervalSeconds", 1.5, 'a whole number of seconds, at least 1, or "1d"'],
    ["intervalSeconds", "1h", 'a whole number of seconds, at least 1, or "1d"'],
    ["availabilitySeconds", -1, "a number of seconds, at least 0"],
    ["priceScale", 0, "a number above 0, for example 10000"],
    ["symbol", " ", "a symbol"],
    ["symbolPattern", "", "a regular expression with one group"],
    ["ignore", [], "a list of source columns"],
  ])("%s %j", (name, value, expected) => {
    expect(refusal({ [name]: value })).toBe(
      `Cannot read the field "options.${name}" in the body: given ${JSON.stringify(value)}, expected ${expected}.`,
    );
  });

  test.each([
    { separator: "||" },
    { intervalSeconds: "1d" },
    { intervalSeconds: 60, availabilitySeconds: 0.5 },
  ])("and takes %j", (options) => {
    expect(parse(options).options).toEqual(options);
  });
});
