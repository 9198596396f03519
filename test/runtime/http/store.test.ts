import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { tableFromIPC } from "apache-arrow";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApp, type OpenedApp, problemOf } from "../../support/open-app.ts";

let app: OpenedApp;
let scratch = "";
beforeAll(async () => {
  app = await openApp({ bars: { symbolCount: 5, dayCount: 120 } });
  scratch = mkdtempSync(join(tmpdir(), "quiver-store-"));
});
afterAll(async () => {
  await app.close();
  rmSync(scratch, { recursive: true });
});

const readParquet = (file: ArrayBuffer) =>
  parquetReadObjects({ file, compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) } });

const CSV = `symbol,date,open,high,low,close,volume
AAA,2024-01-02,10,11,9,10.5,100
AAA,2024-01-03,10.5,12,10,11,200
AAA,2024-01-04,0,12,10,11,200
symbol,date,open,high,low,close,volume
BBB,2024-01-02,5,6,7,5.5,10
BBB,2024-01-03,5,6,5,5.5,10
`;

describe("POST /datasets/{name}/import", () => {
  test("counts every row, and tells its progress to who asks for lines", async () => {
    const file = join(scratch, "bars.csv");
    writeFileSync(file, CSV);
    const response = await app.post(
      "/datasets/tiny/import",
      { files: [file] },
      { Accept: "application/x-ndjson" },
    );
    const lines = (await response.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.slice(0, -1).every((line) => "progress" in line)).toBe(true);
    expect(lines.at(-1)).toMatchObject({
      report: {
        dataset: "tiny",
        changed: true,
        total: {
          in: 6,
          kept: 3,
          quarantined: { "repeated-header": 1, "non-positive-price": 1, "high-below-low": 1 },
        },
      },
    });
    expect(await (await app.get("/datasets/tiny")).json()).toMatchObject({
      rowCount: 3,
      counts: { in: 6, kept: 3 },
    });
    const again = await app.post("/datasets/tiny/import", { files: [file] });
    expect(await again.json()).toMatchObject({ changed: false });
  });

  test("tells a refusal as its last line when lines were asked for", async () => {
    const response = await app.post(
      "/datasets/none/import",
      { files: [join(scratch, "missing.csv")] },
      { Accept: "application/x-ndjson" },
    );
    const last: unknown = JSON.parse((await response.text()).trim().split("\n").at(-1) ?? "");
    expect(last).toMatchObject({ problem: { status: 400, code: "source-missing" } });
  });
});

describe("publishing", () => {
  test("is 201 with the manifest, then 200 with the same version, and SQL sees it", async () => {
    const first = await app.post("/functions/rsi-macd", { dataset: "demo", publish: true });
    expect(first.status).toBe(201);
    expect(first.headers.get("Location")).toBe("/datasets/demo/features/rsi-macd");
    const manifest = (await first.json()) as { version: string; rowCount: number; parts: { path: string }[] };
    const again = await app.post("/functions/rsi-macd", { dataset: "demo", publish: { as: "rsi-macd" } });
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ created: false, version: manifest.version });
    expect(await (await app.get("/datasets/demo/features/rsi-macd")).json()).toMatchObject({
      name: "rsi-macd",
      kind: "feature",
      current: manifest.version,
      versions: [{ version: manifest.version, rowCount: manifest.rowCount }],
    });
    const anew = await app.post(
      "/functions/rsi-macd",
      { dataset: "demo", publish: true },
      { "Cache-Control": "no-cache" },
    );
    expect(anew.status).toBe(201);
    const { version } = (await anew.json()) as { version: string };
    expect(version).not.toBe(manifest.version);
    const query = `select count(*)::int as n from demo.rsi_macd join demo.bars using (symbol, ts)`;
    expect(await (await app.post("/sql?format=json", { q: query })).json()).toEqual([
      { n: manifest.rowCount },
    ]);
    const dir = join(app.dataDir, "demo", "features", "rsi-macd", manifest.version);
    const rows = await Promise.all(
      manifest.parts.map(({ path }) => {
        const bytes = readFileSync(join(dir, path));
        return readParquet(new Uint8Array(bytes).buffer);
      }),
    );
    expect(rows.flat()).toHaveLength(manifest.rowCount);
  });

  test("something else under the name is refused, unless it is to be replaced", async () => {
    const body = { dataset: "demo", params: { period: 7 } };
    const response = await app.post("/functions/rsi-macd", { ...body, publish: true });
    const problem = await problemOf(response);
    expect([response.status, problem["code"]]).toEqual([409, "feature-set-conflict"]);
    expect(problem["detail"]).toBe(
      'Cannot publish "rsi-macd" of demo: the name holds something else; the parameter "period" is 14 there and 7 here. ' +
        "Publish under another name with `publish.as`, or set `publish.replace`.",
    );
    const replaced = await app.post("/functions/rsi-macd", { ...body, publish: { replace: true } });
    expect(replaced.status).toBe(201);
    await replaced.json();
  });

  test("leaves no trace when the function fails", async () => {
    const response = await app.post("/functions/adjusted-bars", {
      dataset: "demo",
      publish: { as: "halfway" },
    });
    expect(response.status).toBe(400);
    const dir = join(app.dataDir, "demo", "features", "halfway");
    expect(existsSync(dir) ? readdirSync(dir).filter((name) => name !== ".staging") : []).toEqual([]);
  });
});

describe("the formats of a result", () => {
  const of = (format: string) =>
    app.post(`/functions/rsi-macd?format=${format}`, { dataset: "demo", symbols: ["S000002"] });

  test("hold the same rows", async () => {
    const arrow = tableFromIPC(new Uint8Array(await (await of("arrow")).arrayBuffer()));
    const json = (await (await of("json")).json()) as Record<string, unknown>[];
    expect(json).toHaveLength(arrow.numRows);
    const rsi = arrow.toArray().map((row) => row.rsi as number | null);
    expect(json.map((row) => row["rsi"])).toEqual(rsi);
    expect(json.map((row) => row["ts"])).toEqual(
      arrow.toArray().map((row) => new Date(Number(row.ts)).toISOString().slice(0, 10)),
    );
    const lines = (await (await of("ndjson")).text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual(json);
    const csv = (await (await of("csv")).text()).trim().split("\r\n");
    expect(csv).toHaveLength(arrow.numRows + 1);
    expect(csv[0]).toBe("symbol,ts,rsi,macd,macd_signal,macd_hist");
    const parquet = await readParquet(await (await of("parquet")).arrayBuffer());
    expect(parquet.map((row) => row["rsi"] ?? null)).toEqual(rsi);
  });

  test("have their media types, by ?format= and by Accept", async () => {
    const types = {
      arrow: "application/vnd.apache.arrow.stream",
      "arrow.file": "application/vnd.apache.arrow.file",
      parquet: "application/vnd.apache.parquet",
      csv: "text/csv",
      ndjson: "application/x-ndjson",
      json: "application/json",
    };
    for (const [format, mediaType] of Object.entries(types)) {
      const byName = await of(format);
      expect(byName.headers.get("Content-Type")).toBe(mediaType);
      await byName.arrayBuffer();
      const byAccept = await app.post(
        "/functions/returns",
        { symbols: ["S000001"], dataset: "demo" },
        { Accept: mediaType },
      );
      expect(byAccept.headers.get("Content-Type")).toBe(mediaType);
      await byAccept.arrayBuffer();
    }
  });
});

describe("what describes the server", () => {
  test("/functions and /functions/{name} tell inputs, outputs and parameters", async () => {
    expect(await (await app.get("/functions")).json()).toMatchObject({
      functions: [{ name: "adjusted-bars" }, { name: "resample" }, { name: "returns" }, { name: "rsi-macd" }],
      broken: [],
    });
    expect(await (await app.get("/functions/rsi-macd")).json()).toMatchObject({
      name: "rsi-macd",
      paramsSchema: { properties: { period: { default: 14 } } },
      inputs: [{ name: "bars", kind: "dataset", columns: [{ name: "close", type: "float64" }] }],
    });
  });

  test("/graph?functions= answers the named functions with what they read, and refuses unknown ones", async () => {
    const answer = async (query: string) => {
      const { nodes } = (await (await app.get(`/graph${query}`)).json()) as { nodes: { id: string }[] };
      return nodes.map(({ id }) => id);
    };
    const dir = join(app.functionsDir, "of-returns");
    mkdirSync(dir);
    writeFileSync(
      join(dir, "index.ts"),
      `import { defineFeature, float64, fromFunction } from "quiver";
export default defineFeature({ description: "Reads another",
  inputs: { u: fromFunction("returns", { columns: { simple_return: float64 } }) }, outputs: { x: float64 },
  handler({ u }, out) { out.x.set(u.simple_return); } });`,
    );
    expect(await answer("?functions=of-returns")).toEqual(["returns", "of-returns"]);
    expect(await answer("?functions=returns, rsi-macd")).toEqual(["returns", "rsi-macd"]);
    expect((await answer("")).length).toBeGreaterThan(2);
    rmSync(dir, { recursive: true });
    expect(await problemOf(await app.get("/graph?functions=return"))).toMatchObject({
      status: 400,
      code: "unknown-function",
      detail: expect.stringMatching(
        /^Cannot find the function "return": there are .*\. Did you mean "returns"\?$/,
      ),
    });
  });

  test("/openapi.json names every route, and its ETag saves sending it again", async () => {
    const response = await app.get("/openapi.json");
    const document = (await response.json()) as {
      openapi: string;
      paths: Record<string, Record<string, unknown>>;
    };
    expect(document.openapi).toBe("3.1.0");
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.toSorted()).toEqual(
      app.wired.app.routes.map(({ method, path }) => `${method} ${path}`).toSorted(),
    );
    // What graph, schedule, gc and why answer is described, and answered so.
    const schemaOf = (method: string, path: string) => {
      const route = document.paths[path]?.[method] as {
        responses: Record<
          string,
          { content: Record<string, { schema: { properties?: object; required?: string[] } }> }
        >;
      };
      return route.responses["200"]?.content["application/json"]?.schema;
    };
    const answers = {
      "get /graph": await app.get("/graph"),
      "get /feature-sets": await app.get("/feature-sets"),
      "get /schedule": await app.get("/schedule"),
      "post /gc": await app.post("/gc", { dryRun: true }),
      "get /functions/{name}/why": await app.get("/functions/returns/why"),
    };
    for (const [route, answer] of Object.entries(answers)) {
      const [method = "", path = ""] = route.split(" ");
      const fields = Object.keys((await answer.json()) as object);
      const schema = schemaOf(method, path);
      expect([route, Object.keys(schema?.properties ?? {}), schema?.required]).toEqual([
        route,
        fields,
        fields,
      ]);
    }
    const again = await app.get("/openapi.json", { "If-None-Match": response.headers.get("ETag") ?? "" });
    expect(again.status).toBe(304);
  });

  test("/docs is one page that fetches nothing from elsewhere", async () => {
    const response = await app.get("/docs");
    const page = await response.text();
    expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(page).not.toMatch(/https?:\/\/|src=|@import/);
    expect(page).toContain("openapi.json");
  });

  test("/metrics counts by route and by outcome, never by name of a path that is none", async () => {
    await app.get("/functions/never-heard-of");
    await app.get("/never/heard/of");
    const text = await (await app.get("/metrics")).text();
    expect(text).toContain(
      'quiver_http_request_duration_seconds_count{method="GET",route="/functions/{name}",status="404"} 1',
    );
    expect(text).toContain('route="none",status="404"');
    expect(text).toMatch(/quiver_invocation_duration_seconds_count\{function="rsi-macd",outcome="ok"\} \d+/);
    expect(text).not.toContain("never");
  });

  test("/healthz and /readyz", async () => {
    expect(await (await app.get("/healthz")).json()).toMatchObject({ status: "ok", version: "0.0.0-test" });
    expect(await (await app.get("/readyz")).json()).toMatchObject({ ready: true });
  });
});
