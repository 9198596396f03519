import { describe, expect, test } from "vitest";
import { formatOf, negotiateFormat, RESULT_FORMATS } from "../../../runtime/formats/media-types.ts";

const LIST =
  "Available formats: arrow (application/vnd.apache.arrow.stream), arrow.file (application/vnd.apache.arrow.file), " +
  "parquet (application/vnd.apache.parquet), csv (text/csv), ndjson (application/x-ndjson), json (application/json).";

describe("negotiateFormat()", () => {
  test.each([
    [undefined, "arrow.stream"],
    ["", "arrow.stream"],
    ["*/*", "arrow.stream"],
    ["application/*", "arrow.stream"],
    ["text/*", "csv"],
    ["text/html,application/xhtml+xml,*/*;q=0.8", "arrow.stream"],
    ["application/json", "json"],
    ["application/json;q=0.5, text/csv", "csv"],
    ["application/json;q=0.5, text/csv;q=0.4", "json"],
    ["application/vnd.apache.parquet, */*;q=0.1", "parquet"],
    ["*/*, application/vnd.apache.arrow.stream;q=0", "arrow.file"],
    ["APPLICATION/X-NDJSON ; charset=utf-8", "ndjson"],
  ])("Accept %j is answered with %s", (accept, format) => {
    expect(negotiateFormat(accept, undefined)).toBe(format);
  });

  test("?format= wins over Accept", () => {
    expect(negotiateFormat("application/json", "parquet")).toBe("parquet");
  });

  test.each(["text/html", "application/json;q=0", "image/png, text/plain", "nonsense"])(
    "Accept %j is refused with what can be had",
    (accept) => {
      expect(() => negotiateFormat(accept, null)).toThrow(
        expect.objectContaining({
          code: "not-acceptable",
          message: `Cannot answer in any format that the Accept header ${JSON.stringify(accept)} names. ${LIST}`,
        }),
      );
    },
  );

  test("an unknown ?format= is refused with the nearest and with what can be had", () => {
    expect(() => negotiateFormat(null, "parqet")).toThrow(
      expect.objectContaining({
        code: "not-acceptable",
        message: `Cannot answer in the \`format\` "parqet". Did you mean "parquet"? ${LIST}`,
      }),
    );
  });
});

describe("formatOf()", () => {
  test("knows every name and media type, each for one format only", () => {
    const all = Object.values(RESULT_FORMATS).flatMap(({ names, mediaType }) => [...names, mediaType]);
    expect(new Set(all).size).toBe(all.length);
    for (const [format, { names, mediaType }] of Object.entries(RESULT_FORMATS)) {
      for (const name of [...names, mediaType, mediaType.toUpperCase()]) expect(formatOf(name)).toBe(format);
    }
    expect(formatOf("xlsx")).toBeUndefined();
  });
});
