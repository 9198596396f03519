import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApp, type OpenedApp, problemOf } from "../../support/open-app.ts";

let app: OpenedApp;
let scratch = "";
beforeAll(async () => {
  app = await openApp({
    bars: { symbolCount: 4, dayCount: 60 },
    settings: { jsonBodyBytesMax: 2048, arrowBodyBytesMax: 4096, jsonRowsMax: 50 },
  });
  scratch = mkdtempSync(join(tmpdir(), "quiver-refusals-"));
});
afterAll(async () => {
  await app.close();
  rmSync(scratch, { recursive: true });
});

const refusal = async (response: Response) => {
  const problem = await problemOf(response);
  expect(problem["contentType"]).toBe("application/problem+json");
  expect(problem["status"]).toBe(response.status);
  return [response.status, problem["code"], problem["detail"]];
};

const ARROW = "application/vnd.apache.arrow.stream";
const JSON_OR_ARROW = `application/json or ${ARROW} or application/vnd.apache.arrow.file`;

describe("a path that names nothing", () => {
  test.each([
    [
      "/functions/rsi-mcd",
      'Cannot find the function "rsi-mcd": there are adjusted-bars, resample, returns, rsi-macd. Did you mean "rsi-macd"? "quiver new <name>" makes one.',
    ],
    [
      "/datasets/dmo",
      'Cannot find the dataset "dmo": there is demo. Did you mean "demo"? "quiver import <dataset> <files>" makes one.',
    ],
    [
      "/datasets/Demo",
      'Cannot use "Demo" as the name of a dataset: expected lower-case letters, digits and hyphens after a first letter, for example "demo".',
    ],
    ["/datasets/demo/features/rsi", 'Cannot find the feature set "rsi" of demo: none is published yet.'],
    [
      "/invocations/xyz",
      'Cannot find the invocation "xyz": there is no such job, and no call with that id has ended. GET /invocations lists what there is.',
    ],
    ["/nothing/here", "Nothing is at /nothing/here. GET /openapi.json lists what there is."],
    [
      "/datasets/..%2f..%2fetc",
      'Cannot use "../../etc" as the name of a dataset: expected lower-case letters, digits and hyphens after a first letter, for example "etc".',
    ],
  ])("%s is 404", async (path, detail) => {
    expect(await refusal(await app.get(path))).toEqual([404, "not-found", detail]);
  });

  test("is 405 where only the method is wrong, with those that are right", async () => {
    const response = await app.send("/datasets", { method: "DELETE" });
    expect(response.headers.get("Allow")).toBe("GET");
    expect(await refusal(response)).toEqual([
      405,
      "method-not-allowed",
      "Cannot DELETE /datasets: expected GET.",
    ]);
  });
});

describe("POST /functions/rsi-macd refuses", () => {
  test.each([
    [{ dataset: "us-daly" }, 400, "unknown-dataset", /^Cannot find the dataset "us-daly": there is demo\./],
    [
      { symbols: ["S00001"] },
      400,
      "unknown-symbol",
      /^Cannot find the symbol "S00001" in the dataset "demo", which has 4 symbols\. Did you mean "S000001"/,
    ],
    [
      { params: { perod: 3 } },
      400,
      "unknown-parameter",
      'Cannot find the parameter "perod" of "rsi-macd": it has period, fast, slow, signal, smoothing, seeding. Did you mean "period"?',
    ],
    [
      { params: { period: "x" } },
      400,
      "parameter-invalid",
      'Cannot use "x" for the parameter "period" of "rsi-macd": expected a whole number from 2 to 10000.',
    ],
    [
      { params: { smoothing: "wilders" } },
      400,
      "parameter-invalid",
      'Cannot use "wilders" for the parameter "smoothing" of "rsi-macd": expected "wilder" or "span". Did you mean "wilder"?',
    ],
    [{ from: "yesterday" }, 400, "invalid-time", /"yesterday"/],
    [{ from: "2024-13-01" }, 400, "invalid-time", /"2024-13-01"/],
    [{ asOf: "2024-02-30" }, 400, "invalid-time", /"2024-02-30"/],
    [{ from: "2024-02-02", to: "2024-02-01" }, 400, /./, /2024-02-02.*2024-02-01/],
    [{ inputs: { brs: { dataset: "demo" } } }, 400, /./, /"brs"/],
    [{ inputs: { bars: { function: "adjusted" } } }, 400, "unknown-function", /adjusted-bars/],
    [{ symbols: { sql: "select 1" } }, 400, "request-malformed", /expected one text column without nulls/],
    [{ symbols: { sql: "drop table x" } }, 400, /^sql-/, /./],
    [{ publish: { as: "Bad Name" } }, 400, "invalid-name", /"Bad Name"/],
    [{ nope: 1 }, 400, "request-malformed", /^Unknown field "nope" in the body\./],
  ])("%j", async (body, status, code, detail) => {
    const [givenStatus, givenCode, givenDetail] = await refusal(await app.post("/functions/rsi-macd", body));
    expect(givenStatus).toBe(status);
    expect(givenCode).toEqual(code instanceof RegExp ? expect.stringMatching(code) : code);
    expect(givenDetail).toEqual(detail instanceof RegExp ? expect.stringMatching(detail) : detail);
  });

  test("a column that the dataset does not have", async () => {
    const response = await app.post("/functions/adjusted-bars", {});
    const [status, code, detail] = await refusal(response);
    expect([status, code]).toEqual([400, "unknown-column"]);
    expect(detail).toContain('"adj_close"');
  });

  test("a body that is no JSON", async () => {
    const response = await app.send("/functions/rsi-macd", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"symbols": [',
    });
    const [status, code, detail] = await refusal(response);
    expect([status, code]).toEqual([400, "request-malformed"]);
    expect(detail).toBe(
      'Cannot read the body as JSON: line 1, column 14 has the end, expected a value or "]".',
    );
  });

  test("a body of another type", async () => {
    const response = await app.send("/functions/rsi-macd", {
      method: "POST",
      headers: { "Content-Type": "text/csv" },
      body: "symbol,ts",
    });
    expect(await refusal(response)).toEqual([
      415,
      "media-type-unsupported",
      `Cannot read a body of type "text/csv": expected ${JSON_OR_ARROW}. Send the header "Content-Type: application/json".`,
    ]);
  });

  test("a JSON body over the limit", async () => {
    const response = await app.post("/functions/rsi-macd", {
      symbols: Array.from({ length: 500 }, () => "S000001"),
    });
    const [status, code, detail] = await refusal(response);
    expect([status, code]).toEqual([413, "body-too-large"]);
    expect(detail).toMatch(/^Cannot take a body of \d+ bytes or more: the limit is 2048 bytes\.$/);
  });

  test("an Arrow body over the limit, and keeps nothing of it", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1024));
      },
    });
    const init = { method: "POST", headers: { "Content-Type": ARROW }, body, duplex: "half" };
    const response = await app.send("/functions/rsi-macd", init);
    const [status, code] = await refusal(response);
    expect([status, code]).toEqual([413, "body-too-large"]);
    expect(readdirSync(join(app.dataDir, "spool", "uploads"))).toEqual([]);
  });

  test("a format that it cannot give, with those it can", async () => {
    const response = await app.post("/functions/rsi-macd", {}, { Accept: "text/html" });
    const [status, code, detail] = await refusal(response);
    expect([status, code]).toEqual([406, "not-acceptable"]);
    for (const format of ["arrow", "parquet", "text/csv", "application/x-ndjson", "application/json"]) {
      expect(detail).toContain(format);
    }
    const named = await app.post("/functions/rsi-macd?format=xlsx", {});
    expect(named.status).toBe(406);
  });

  test("more JSON rows than the limit, but not when asked for", async () => {
    const response = await app.post("/functions/rsi-macd?format=json", {});
    const [status, code, detail] = await refusal(response);
    expect([status, code]).toEqual([400, "row-limit-exceeded"]);
    expect(detail).toContain("the limit for json is 50");
    const enough = await app.post("/functions/rsi-macd?format=json&limit=1000", {});
    expect(enough.status).toBe(200);
    expect((await enough.json()) as unknown[]).not.toHaveLength(0);
  });

  test("an unknown or repeated field in the query", async () => {
    expect((await refusal(await app.post("/functions/rsi-macd?fromat=csv", {})))[2]).toMatch(
      /^Unknown field "fromat" in the query\. Did you mean "format"/,
    );
    expect((await refusal(await app.post("/functions/rsi-macd?limit=1&limit=2", {})))[2]).toBe(
      'Cannot read the field "limit" in the query: given 2 times, expected once.',
    );
    expect((await refusal(await app.post("/functions/rsi-macd?from=2024-01-01", {})))[2]).toBe(
      'Cannot take "from" in the query of this request: expected it in the JSON body.',
    );
  });
});

describe("POST /datasets/{name}/import refuses", () => {
  const importing = (name: string, body: unknown) => app.post(`/datasets/${name}/import`, body);

  const file = (name: string, content: string | Uint8Array) => {
    const path = join(scratch, name);
    writeFileSync(path, content);
    return path;
  };

  test.each([
    ["missing.csv", null, "source-missing"],
    ["empty.csv", "", "source-empty"],
    ["header-only.csv", "symbol,date,open,high,low,close,volume\n", "source-empty"],
    ["not-parquet.parquet", "this is not Parquet at all", "source-malformed"],
    ["cut.parquet", "PAR1\u0015\u0004\u0015", "source-malformed"],
  ])("%s", async (name, content, code) => {
    const path = content === null ? join(scratch, name) : file(name, content);
    const [status, given, detail] = await refusal(await importing("other", { files: [path] }));
    expect([status, given]).toEqual([400, code]);
    expect(detail).toContain(name);
    expect(readdirSync(app.dataDir)).not.toContain("other");
  });

  test.each([
    [
      {},
      'Cannot read the field "files" in the body: given nothing, expected a list of at least one path on the server\'s machine.',
    ],
    [
      { files: [] },
      'Cannot read the field "files" in the body: given [], expected a list of at least one path on the server\'s machine.',
    ],
    [
      { files: ["a.csv"], options: { timezon: "UTC" } },
      /^Unknown field "options\.timezon" in the body\. Did you mean "timezone"\?/,
    ],
    [
      { files: ["a.csv"], options: { stamp: "middle" } },
      'Cannot read the field "options.stamp" in the body: given "middle", expected "start" or "end".',
    ],
  ])("%j", async (body, detail) => {
    const [status, code, given] = await refusal(await importing("other", body));
    expect([status, code]).toEqual([400, "request-malformed"]);
    expect(given).toEqual(detail instanceof RegExp ? expect.stringMatching(detail) : detail);
  });

  test("a name that is none, and a body of another type", async () => {
    const path = file("good.csv", "symbol,date,open,high,low,close,volume\nA,2024-01-02,1,2,1,2,10\n");
    expect((await refusal(await importing("Bad_Name", { files: [path] }))).slice(0, 2)).toEqual([
      400,
      "invalid-name",
    ]);
    const text = await app.send("/datasets/other/import", {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: "a.csv",
    });
    expect(text.status).toBe(415);
  });
});

describe("GET|POST /sql refuses", () => {
  test.each([
    ["/sql", 'The field "q" is missing in the query: expected a SQL query.', "request-malformed"],
    [
      "/sql?q=",
      'Cannot read the field "q" in the query: given "", expected a SQL query.',
      "request-malformed",
    ],
    ["/sql?q=select+1&fmt=csv", /^Unknown field "fmt" in the query\./, "request-malformed"],
    ["/sql?q=selec+1", /^Cannot read the query at line 1, column \d+/, "sql-invalid"],
    ["/sql?q=select+*+from+demo.brs", /the table demo\.brs/, /^sql-/],
    [
      "/sql?q=select+*+from+demo.bars&format=json",
      /the 50 rows that are the limit for json/,
      "row-limit-exceeded",
    ],
    ["/sql?q=select+*+from+read_csv('x.csv')", /read_csv/, /^sql-/],
    ["/sql?q=delete+from+demo.bars", /./, /^sql-/],
  ])("%s", async (path, detail, code) => {
    const [status, givenCode, givenDetail] = await refusal(await app.get(path));
    expect(status).toBe(400);
    expect(givenCode).toEqual(code instanceof RegExp ? expect.stringMatching(code) : code);
    expect(givenDetail).toEqual(detail instanceof RegExp ? expect.stringMatching(detail) : detail);
  });

  test.each([
    ["application/x-www-form-urlencoded", '"application/x-www-form-urlencoded" (the default of curl)'],
    ["", "unknown (no Content-Type)"],
  ])("a body of type %j, with the header to send", async (type, what) => {
    const headers: Record<string, string> = { "Content-Length": "8" };
    const body = new TextEncoder().encode("select 1");
    const response = await app.send("/sql", {
      method: "POST",
      headers: type === "" ? headers : { ...headers, "Content-Type": type },
      body,
    });
    expect(await refusal(response)).toEqual([
      415,
      "media-type-unsupported",
      `Cannot read a body of type ${what}: expected application/json or text/plain. Send the header "Content-Type: text/plain" with the query as it is.`,
    ]);
  });

  test("two queries in one request", async () => {
    expect((await refusal(await app.post("/sql?q=select+1", { q: "select 2" })))[2]).toBe(
      'Cannot take "q" in the query of this request: the body holds one already.',
    );
  });
});

describe("what may not come in", () => {
  test("a Host that is not this machine's", async () => {
    const response = await app.send("http://evil.example/healthz", {});
    expect(await refusal(response)).toEqual([
      403,
      "forbidden-host",
      'Cannot answer a request to "evil.example": expected 127.0.0.1 or localhost.',
    ]);
  });

  test("who does not bring the token, where there is one", async () => {
    const guarded = await openApp({ settings: { token: "s3cret", host: "0.0.0.0" } });
    try {
      const none = await guarded.get("/functions");
      expect(none.headers.get("WWW-Authenticate")).toBe('Bearer realm="quiver"');
      expect(await refusal(none)).toEqual([
        401,
        "unauthorized",
        'The bearer token is missing or wrong: expected "Authorization: Bearer <token>".',
      ]);
      for (const wrong of ["Bearer s3cre", "Bearer s3crets", "Basic s3cret", "Bearer"]) {
        expect((await guarded.get("/functions", { Authorization: wrong })).status).toBe(401);
      }
      expect((await guarded.get("/datasets", { Authorization: "Bearer s3cret" })).status).toBe(200);
      expect((await guarded.get("/healthz")).status).toBe(200);
    } finally {
      await guarded.close();
    }
  });
});

test("a stopping server refuses work with 503 and says when to come back", async () => {
  const stopping = await openApp({});
  try {
    await stopping.wired.services.lifecycle.stop(0);
    const response = await stopping.post("/sql", { q: "select 1" });
    expect(response.headers.get("Retry-After")).toBe("1");
    expect(await refusal(response)).toEqual([
      503,
      "stopping",
      "Cannot take the request: the server is stopping. Try again shortly.",
    ]);
    expect((await stopping.get("/readyz")).status).toBe(503);
    expect((await stopping.get("/healthz")).status).toBe(200);
  } finally {
    await stopping.close();
  }
});

test("a fault of our own is 500 with an id that the log explains, and nothing of it is shown", async () => {
  const broken = await openApp({});
  try {
    const path = join(broken.dataDir, "demo");
    const { mkdirSync } = await import("node:fs");
    mkdirSync(join(path, "dataset.json"), { recursive: true });
    const response = await broken.get("/datasets");
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 500, code: "internal-error" });
    expect(problem["detail"]).toBe(
      `Quiver failed to answer; its log has the details under ${String(problem["id"])}.`,
    );
    expect(broken.logged.join("")).toContain(String(problem["id"]));
    expect(broken.logged.join("")).toContain("EISDIR");
  } finally {
    await broken.close();
  }
});
