import { describe, expect, test } from "vitest";
import { parseFields } from "../../../runtime/routes/fields.ts";
import { InvocationBody, InvocationQuery } from "../../../runtime/routes/request-schemas.ts";
import { messageOf } from "../../../shared/errors/index.ts";

const refusal = (body: unknown): string => {
  try {
    parseFields(InvocationBody, body, "in the body");
  } catch (error) {
    return messageOf(error);
  }
  return "accepted";
};

const KNOWN = "Known: dataset, params, symbols, from, to, asOf, inputs, publish.";
const TIME = 'as a date "2024-03-01" or a time "2024-03-01T14:30:00Z"';

describe("parseFields() refuses", () => {
  test.each([
    [{ parms: {} }, `Unknown field "parms" in the body. Did you mean "params"? ${KNOWN}`],
    [{ symbol: ["AAPL"] }, `Unknown field "symbol" in the body. Did you mean "symbols"? ${KNOWN}`],
    [{ zzzzzzzzz: 1 }, `Unknown field "zzzzzzzzz" in the body. ${KNOWN}`],
    [
      { symbols: "AAPL" },
      'Cannot read the field "symbols" in the body: given "AAPL", expected a list of symbols, or {"sql": "a query with one text column"}.',
    ],
    [{ symbols: { sq: "x" } }, 'Unknown field "symbols.sq" in the body. Did you mean "sql"? Known: sql.'],
    [
      { from: 20240301 },
      `Cannot read the field "from" in the body: given 20240301, expected the first time of the output, inclusive, ${TIME}.`,
    ],
    [
      { to: "" },
      `Cannot read the field "to" in the body: given "", expected the end of the output, exclusive, ${TIME}.`,
    ],
    [
      { asOf: null },
      `Cannot read the field "asOf" in the body: given null, expected the moment as of which data is known, ${TIME}.`,
    ],
    [
      { params: [14] },
      'Cannot read the field "params" in the body: given [14], expected an object of parameters by name.',
    ],
    [
      { dataset: 5 },
      'Cannot read the field "dataset" in the body: given 5, expected the name of a dataset, for example "us-daily".',
    ],
    [
      { inputs: { bars: "x" } },
      'Cannot read the field "inputs.bars" in the body: given "x", expected {"dataset": name} or {"function": name, "params": {…}}.',
    ],
    [
      { publish: { as: "x", overwrite: true } },
      'Unknown field "publish.overwrite" in the body. Known: as, replace, codec, compressionLevel, forReaders.',
    ],
    [
      { publish: "yes" },
      'Cannot read the field "publish" in the body: given "yes", expected true, or {"as": name, "replace": true, "codec": "zstd" or "uncompressed", "compressionLevel": 1 to 19, "forReaders": true}.',
    ],
    [
      { publish: { as: "x", codec: "gzip" } },
      'Cannot read the field "publish.codec" in the body: given "gzip", expected "zstd" or "uncompressed".',
    ],
    [
      { publish: { compressionLevel: 20, replace: true } },
      'Cannot read the field "publish.compressionLevel" in the body: given 20, expected a whole number from 1 to 19.',
    ],
    [
      { inputs: { bars: { dataset: 5 } } },
      'Cannot read the field "inputs.bars.dataset" in the body: given 5, expected the name of a dataset, for example "us-daily".',
    ],
    [{ symbols: ["A", 7] }, 'Cannot read the field "symbols.1" in the body: given 7, expected a symbol.'],
    [[], "Cannot read what is in the body: given [], expected a JSON object."],
    [null, "Cannot read what is in the body: given null, expected a JSON object."],
    ["text", 'Cannot read what is in the body: given "text", expected a JSON object.'],
  ])("%j", (body, message) => {
    expect(refusal(body)).toBe(message);
  });

  test("a query field of the wrong kind", () => {
    expect(() => parseFields(InvocationQuery, { limit: "-3" }, "in the query")).toThrow(
      'Cannot read the field "limit" in the query: given "-3", expected a whole number of rows, at least 1.',
    );
  });
});

test("parseFields() gives back what it accepts", () => {
  const body = { symbols: ["A"], publish: { as: "x" }, inputs: { bars: { function: "adjusted-bars" } } };
  expect(parseFields(InvocationBody, body, "in the body")).toEqual(body);
  expect(parseFields(InvocationQuery, { limit: "20", explain: "" }, "in the query")).toEqual({
    limit: 20,
    explain: "",
  });
});
