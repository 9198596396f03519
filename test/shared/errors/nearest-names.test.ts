import { describe, expect, test } from "vitest";
import { didYouMean, didYouMeanOrSome, nearestNames } from "../../../shared/errors/index.ts";

const FUNCTIONS = ["adjusted-bars", "resample", "returns", "rsi-macd"];

describe("nearestNames() finds", () => {
  test.each([
    ["rsi-mcd", ["rsi-macd"]],
    ["RSI-MACD", ["rsi-macd"]],
    ["retuns", ["returns"]],
    // Parts of names, too different to be typing errors.
    ["adjusted", ["adjusted-bars"]],
    ["rsi", ["rsi-macd"]],
    ["my-returns", ["returns"]],
  ])("for %s the names %j", (given, names) => {
    expect(nearestNames(given, FUNCTIONS)).toEqual(names);
  });

  test.each(["volatility", "x", "rs", "", "a-b-c-d-e-f", "the-other-returns"])("nothing for %j", (given) => {
    expect(nearestNames(given, FUNCTIONS)).toEqual([]);
  });

  test("the nearest alone, equally near ones by name, at most three", () => {
    expect(nearestNames("clos", ["close", "closet", "clone", "open"])).toEqual(["close"]);
    const known = ["lost", "most", "post", "cost", "host"];
    expect(nearestNames("fost", known)).toEqual(["cost", "host", "lost"]);
    expect(nearestNames("fost", known, 1)).toEqual(["cost"]);
  });
});

describe("didYouMean()", () => {
  test("is the end of a message", () => {
    expect(`There is no "rsi".${didYouMean("rsi", FUNCTIONS)}`).toBe(
      'There is no "rsi". Did you mean "rsi-macd"?',
    );
    expect(didYouMean("fast", ["last", "past"])).toBe(' Did you mean "last" or "past"?');
  });

  test("is empty where nothing is near", () => {
    expect(didYouMean("volatility", FUNCTIONS)).toBe("");
    expect(didYouMean("volatility", [])).toBe("");
  });
});

describe("didYouMeanOrSome()", () => {
  test.each([
    ["cos", ["cost", "host"], ' Did you mean "cost"?'],
    ["SPY", [], ""],
    ["SPY", ["AAPL"], ' There is "AAPL".'],
    ["SPY", ["AAPL", "BAC", "CHMA"], ' There are "AAPL", "BAC" and "CHMA".'],
    ["SPY", ["AAPL", "BAC", "CHMA", "XOM", "ZM"], ' There are "AAPL", "BAC", "CHMA" and 2 more.'],
  ])("of %j among %j", (given, known, hint) => {
    expect(didYouMeanOrSome(given, known)).toBe(hint);
  });
});
