import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inCommandWords } from "../../../runtime/cli/command-words.ts";
import { parseFields } from "../../../runtime/routes/fields.ts";
import {
  GarbageBody,
  ImportBody,
  InvocationBody,
  SqlQuery,
  WhyQuery,
} from "../../../runtime/routes/request-schemas.ts";
import { QuiverError } from "../../../shared/errors/index.ts";
import { ROOT } from "../../tidy/source-files.ts";

/** The refusal of a request as the command line words it. */
const told = (parse: () => unknown): string => {
  try {
    parse();
  } catch (error) {
    if (error instanceof QuiverError) return inCommandWords(error).message;
    throw error;
  }
  return "accepted";
};
const invocation = (body: unknown) => told(() => parseFields(InvocationBody, body, "in the body"));
const imported = (options: unknown) =>
  told(() => parseFields(ImportBody, { files: ["/x.csv"], options }, "in the body"));

describe("inCommandWords() turns the refusal of a field into that of an option", () => {
  test.each([
    [{ dataset: "" }, 'Cannot use "" for --dataset: expected the name of a dataset, for example "us-daily".'],
    [
      { publish: { compressionLevel: 20 } },
      "Cannot use 20 for --level: expected a whole number from 1 to 19.",
    ],
    [{ publish: { codec: "gzip" } }, 'Cannot use "gzip" for --codec: expected "zstd" or "uncompressed".'],
    [{ publish: { as: "" } }, 'Cannot use "" for --as: expected the name of the feature set.'],
    [{ symbols: { sql: "" } }, 'Cannot use "" for --symbols-sql: expected a query with one text column.'],
    [{ inputs: { bars: { function: "" } } }, 'Cannot use "" for --input: expected the name of a function.'],
  ])("%j", (body, message) => {
    expect(invocation(body)).toBe(message);
  });

  test.each([
    [{ stamp: "middle" }, 'Cannot use "middle" for --stamp: expected "start" or "end".'],
    [{ timezone: "" }, 'Cannot use "" for --tz: expected a time zone, for example "America/New_York".'],
    [
      { availabilitySeconds: -1 },
      "Cannot use -1 for --availability: expected a number of seconds, at least 0.",
    ],
    [{ priceScale: "x" }, 'Cannot use "x" for --price-scale: expected a number above 0.'],
    [
      { separator: ";;" },
      'Cannot use ";;" for --separator: expected one character other than a quote or a line break, or \\t for a tab.',
    ],
    [
      { mapping: { symbol: 1 } },
      "Cannot use 1 for --map: expected an object of source columns by canonical name.",
    ],
  ])("of an import: %j", (options, message) => {
    expect(imported(options)).toBe(message);
  });

  test("of a query", () => {
    expect(told(() => parseFields(SqlQuery, { limit: "0" }, "in the query"))).toBe(
      'Cannot use "0" for --limit: expected a whole number of rows, at least 1.',
    );
  });

  test("and names the option among the facts", () => {
    const facts = { field: "publish.codec", where: "in the body", given: "x", expected: "y" };
    expect(inCommandWords(new QuiverError("request-malformed", "…", facts)).facts["field"]).toBe("--codec");
  });
});

test("inCommandWords() replaces the fields that other sentences mention, and nothing else", () => {
  const message =
    "Publish under another name with `publish.as`, or set `publish.replace`; raise `limits.memoryMiB`, `limit` or `x`.";
  expect(inCommandWords(new QuiverError("feature-set-conflict", message)).message).toBe(
    "Publish under another name with --as, or set --replace; raise `limits.memoryMiB`, --limit or `x`.",
  );
});

test.each([
  ["GET /invocations lists what there is.", '"quiver jobs" lists what there is.'],
  ["GET /invocations/018f-a/events tells it.", '"quiver jobs watch 018f-a" tells it.'],
  ["GET /invocations/018f-a/result has it.", '"quiver jobs result 018f-a" has it.'],
  ["GET /invocations/018f-a/logs has it.", '"quiver jobs logs 018f-a" has it.'],
  ["DELETE /invocations/018f-a ends it.", '"quiver jobs cancel 018f-a" ends it.'],
  ["GET /openapi.json lists it.", '"quiver --help" lists it.'],
  ['Send the request again with "Prefer: respond-async".', "Run it again with --async."],
  ["Cannot take the header Idempotency-Key: …", "Cannot take --key: …"],
  ["Name one with `params.index`, or `params`.", "Name one with --param index=…, or --param."],
])("inCommandWords() replaces requests by commands: %s", (message, expected) => {
  expect(inCommandWords(new QuiverError("not-found", message)).message).toBe(expected);
});

test.each([
  ["A B", ' Symbols are separated by commas: A,B instead of "A B".'],
  ["A; B|C", ' Symbols are separated by commas: A,B,C instead of "A; B|C".'],
  ["AB", ""],
])("inCommandWords() suggests commas for the unknown symbol %j", (symbol, hint) => {
  const told = (facts: Record<string, string>) =>
    inCommandWords(new QuiverError("unknown-symbol", "Cannot find it.", { symbol, ...facts })).message;
  expect(told({})).toBe(`Cannot find it.${hint}`);
  // A parameter names a single symbol.
  expect(told({ parameter: "index" })).toBe("Cannot find it.");
});

test("inCommandWords() leaves no request in any sentence of the server", () => {
  const routes = join(ROOT, "runtime");
  const sentences = readdirSync(routes, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.startsWith("cli"))
    .flatMap((path) => readFileSync(join(routes, path), "utf8").split("\n"))
    .filter((line) => /^\s*[`"'].*\b(GET|POST|PUT|DELETE) \//.test(line));
  expect(sentences.length).toBeGreaterThan(2);
  const told = sentences.map(
    (line) => inCommandWords(new QuiverError("not-found", line.replaceAll(/\$?\{(\w+)\}/g, "$1"))).message,
  );
  expect(told.filter((line) => /\b(GET|POST|PUT|DELETE) \//.test(line))).toEqual([]);
});

test.each([
  ["an import", Object.keys(ImportBody.shape.options.unwrap().shape).map((name) => `options.${name}`)],
  ["an invocation", Object.keys(InvocationBody.shape).filter((name) => name !== "publish")],
  ["gc", Object.keys(GarbageBody.shape)],
  ["why", Object.keys(WhyQuery.shape)],
])("every field of %s has an option", (_, fields) => {
  for (const field of fields) {
    expect(inCommandWords(new QuiverError("request-malformed", `\`${field}\``)).message).toMatch(
      /^--[a-z-]+$/,
    );
  }
});
