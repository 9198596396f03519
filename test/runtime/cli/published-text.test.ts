import { expect, test } from "vitest";
import { type ShownVersion, publishedText } from "../../../runtime/cli/commands/publish.ts";

const PUBLISHED: ShownVersion = {
  created: true,
  dataset: "us-daily",
  name: "returns",
  version: "20240102T000000Z-12345678",
  rowCount: 10_108_988,
  byteLength: 1_000_000,
  rowChecksum: "",
  made: { appendedTo: null, rowsComputed: 10_108_988, symbolsRecomputed: 5_000, partsReferenced: 0 },
  parts: [{}, {}, {}],
  schema: [],
  timings: [{ stage: "run", milliseconds: 120 }],
};

test("publishedText() says which version was extended, and what was computed", () => {
  const lines = (made: ShownVersion["made"]) =>
    publishedText({ ...PUBLISHED, made })
      .split("\n")
      .slice(1, 4);
  const appended = { appendedTo: "20240101T000000Z-aaaaaaaa", rowsComputed: 5_000, partsReferenced: 2 };
  expect(lines({ ...appended, symbolsRecomputed: 0 })).toEqual([
    "10,108,988 rows, 0 columns, 3 files, 976.6 KiB",
    "Appended to 20240101T000000Z-aaaaaaaa: 5,000 rows computed, 2 files kept",
    "run 120.0 ms",
  ]);
  expect(lines({ ...appended, symbolsRecomputed: 1_250 })[1]).toBe(
    "Appended to 20240101T000000Z-aaaaaaaa: 5,000 rows computed (1,250 symbols from their first row), 2 files kept",
  );
  expect(lines(PUBLISHED.made).slice(1)).toEqual(["run 120.0 ms", ""]);
  expect(lines(undefined).slice(1)).toEqual(["run 120.0 ms", ""]);
});
