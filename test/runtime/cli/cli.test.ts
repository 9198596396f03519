import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { quiver, startQuiver } from "../../support/run-quiver.ts";

let root = "";
let data = "";
let functions = "";
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-cli-"));
  data = join(root, "data");
  functions = join(root, "functions");
  mkdirSync(join(functions, "slow"), { recursive: true });
  writeFileSync(
    join(functions, "slow", "index.ts"),
    `import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "Takes its time",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  handler({ bars }, out) {
    console.log("thinking");
    const end = Date.now() + 1500;
    while (Date.now() < end);
    out.x.set(bars.close);
  },
});`,
  );
  await makeDataset({
    dataDir: data,
    name: "demo",
    columns: DAILY_COLUMNS,
    files: [dailyBarsSql({ symbolCount: 3, dayCount: 40 })],
  });
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const here = (...args: string[]) => [...args, "--data", data, "--functions", functions];

describe("quiver", () => {
  test("lists functions and datasets", async () => {
    const { code, out, err } = await quiver(here("ls"));
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/slow\s+feature\s+symbol\s+Takes its time/);
    expect(out).toMatch(/demo\s+bars\s+\d+\s+3/);
    const json = await quiver(here("ls", "--json"));
    expect(JSON.parse(json.out)).toMatchObject({
      functions: [{ name: "slow" }],
      datasets: [{ name: "demo" }],
    });
  });

  test("shows, saves and pipes the rows of an invocation", async () => {
    const args = here("invoke", "slow", "--symbols", "S000002", "--from", "2023-12-30");
    const shown = await quiver(args);
    expect(shown.code).toBe(0);
    expect(shown.out).toMatch(/^symbol\s+ts\s+x\n─+/);
    expect(shown.out).toMatch(/S000002\s+2023-12-3/);
    expect(shown.err).toContain("thinking");
    const file = join(root, "out.csv");
    const saved = await quiver([...args, "-o", file]);
    expect(saved.code).toBe(0);
    expect(readFileSync(file, "utf8")).toMatch(/^symbol,ts,x\r\nS000002,2023-12-30,/);
    const piped = await quiver([...args, "--format", "json"]);
    expect(JSON.parse(piped.out)).toMatchObject([{ symbol: "S000002", ts: "2023-12-30" }, {}, {}]);
  });

  test("shows as many rows as --limit says, even if there are more", async () => {
    const rows = await quiver(here("invoke", "slow", "--symbols", "S000002", "--limit", "2"));
    expect([rows.code, rows.out.trimEnd().split("\n").length]).toEqual([0, 4]);
    expect(rows.err).toContain("… the first 2 rows; -o result.parquet or --format csv gives all of them\n");
    const queried = await quiver(here("sql", "from demo.bars", "--limit", "3"));
    expect([queried.code, queried.out.trimEnd().split("\n").length]).toEqual([0, 5]);
  });

  test("prints the plan without running anything", async () => {
    const { code, out, err } = await quiver(here("invoke", "slow", "--explain", "--json"));
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({ dataset: "demo", stages: [{ function: "slow" }] });
  });

  test("queries", async () => {
    const { code, out } = await quiver(here("sql", "select count(distinct symbol)::int as n from demo.bars"));
    expect([code, out]).toEqual([0, "n\n─\n3\n"]);
  });

  test("imports and prints why rows were quarantined", async () => {
    const file = join(root, "new.csv");
    writeFileSync(
      file,
      "ticker,date,open,high,low,close,volume\nA,2024-01-02,1,2,1,2,5\nA,2024-01-03,0,2,1,2,5\n",
    );
    const { code, out } = await quiver(here("import", "fresh", file, "--map", "symbol=ticker"));
    expect(code).toBe(0);
    expect(out).toContain("Imported fresh: 2 rows in, 1 kept, 1 quarantined");
    expect(out).toMatch(/non-positive-price\s+1/);
    const again = await quiver(here("import", "fresh", file, "--map", "symbol=ticker", "--json"));
    expect(JSON.parse(again.out)).toMatchObject({ changed: false, datasetRows: 1 });
  });
});

describe("a command that fails", () => {
  test.each([
    [["frobnicate"], 2, /^Cannot run "quiver frobnicate": there is no such command\./],
    [["invoke"], 2, /^Cannot run "quiver invoke" without <function> /],
    [["ls", "--port", "http"], 2, 'Cannot use "http" for --port: expected a whole number from 0 to 65535.\n'],
    [
      ["start", "--host", "0.0.0.0"],
      2,
      "Cannot listen on 0.0.0.0 without a token: others could reach it. Give one with --token, or listen on 127.0.0.1.\n",
    ],
    [["ls", "nope"], 2, /^Cannot find the dataset "nope": there are demo, fresh\./],
    [["invoke", "slw"], 2, /^Cannot find the function "slw": there are slow\. Did you mean "slow"\?/],
    [
      ["invoke", "slow", "--param", "x"],
      2,
      'Cannot use "x" for --param: expected name=value, for example "period=14".\n',
    ],
    [
      ["invoke", "slow", "-o", "result.xls"],
      2,
      /^Cannot infer the format from "result\.xls": expected a name that ends in /,
    ],
    [
      ["invoke", "slow", "--input", "bars=demo"],
      2,
      'Cannot use "bars=demo" for --input: expected "name=dataset:x" or "name=function:y".\n',
    ],
    [
      ["invoke", "slow", "--limit", "0"],
      2,
      'Cannot use "0" for --limit: expected a whole number of rows, at least 1.\n',
    ],
    [
      ["publish", "slow", "--level", "99"],
      2,
      "Cannot use 99 for --level: expected a whole number from 1 to 19.\n",
    ],
    [
      ["publish", "slow", "--level", "high"],
      2,
      'Cannot use "high" for --level: expected a whole number from 1 to 19.\n',
    ],
    [
      ["invoke", "slow", "--from", "2024-02-01", "--to", "2024-01-01"],
      2,
      'Cannot select from "2024-02-01" to "2024-01-01": --from is after --to. --from is inclusive, --to is exclusive.\n',
    ],
    [
      ["invoke", "slow", "--symbols", "S000001", "S000002"],
      2,
      'Cannot take "S000002" beside "slow": expected one function. Name a dataset with --dataset; separate symbols with commas, for example --symbols AAPL,MSFT.\n',
    ],
    [
      ["sql", "select", "1"],
      2,
      'Cannot take "1" beside the query "select": expected one text. Put the whole query in quotes, for example quiver sql "select * from demo.bars limit 5".\n',
    ],
    [
      ["invoke", "slow", "--format", "csv", "--limit", "5"],
      2,
      /^(thinking\n)+Cannot answer with 61 rows: --limit is 5\. Narrow the selection, or raise --limit or leave it out\.\n$/,
    ],
    [
      ["import", "fresh", "missing.csv", "--interval", "5x"],
      2,
      'Cannot use "5x" for --interval: expected a duration such as 30s, 5min or 1h, or 1d for daily bars.\n',
    ],
    [
      ["import", "fresh", "missing.csv", "--interval", "5"],
      2,
      'Cannot use "5" for --interval: expected its unit as well: 5s, 5min or 5h, or 1d for daily bars.\n',
    ],
    [
      ["import", "fresh", "missing.csv", "--stamp", "middle"],
      2,
      'Cannot use "middle" for --stamp: expected "start" or "end".\n',
    ],
    [["sql", "select * from 'x.parquet'"], 2, /^Cannot run the query: it reads "x\.parquet"/],
    [["import", "fresh", "missing.csv"], 2, /missing\.csv/],
    [["new", "Bad_Name"], 2, /^Cannot use "Bad_Name" as the name of a function: /],
  ])("%j prints one sentence and exits with the right code", async (args, code, message) => {
    const ended = await quiver(here(...args));
    expect([ended.code, ended.out]).toEqual([code, ""]);
    expect(ended.err).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
    expect(ended.err).not.toContain("    at ");
  });

  test("with --json puts a problem on stderr and nothing on stdout", async () => {
    const { code, out, err } = await quiver(here("invoke", "slw", "--json"));
    expect([code, out]).toEqual([2, ""]);
    expect(JSON.parse(err)).toMatchObject({ code: "not-found", status: 404 });
  });

  test("because the data directory cannot be written exits with 4", async () => {
    const file = join(root, "plain-file");
    writeFileSync(file, "");
    for (const command of [["publish", "slow"], ["ls"], ["sql", "select 1"]]) {
      const { code, err } = await quiver([
        ...command,
        "--data",
        join(file, "data"),
        "--functions",
        functions,
      ]);
      expect(code).toBe(4);
      expect(err).toMatch(
        /^Cannot write to the data directory .*\. Give another with --data, or change its permissions\.\n$/,
      );
    }
  });

  test("refuses an unknown environment variable", async () => {
    const { code, err } = await quiver(["ls"], { QUIVER_PROT: "1" });
    expect(code).toBe(2);
    expect(err).toMatch(
      /^Cannot use the environment variable QUIVER_PROT: there is no such setting\. Did you mean "QUIVER_PORT"/,
    );
  });
});

describe("quiver start", () => {
  const start = async (...args: string[]) => {
    const server = startQuiver(here("start", "--port", "0", ...args));
    const [, url = ""] = await server.outputs(/on (http:\/\/127\.0\.0\.1:\d+)/);
    return { server, url };
  };

  test("serves commands, refuses a second writer and leaves nothing behind when it is stopped", async () => {
    const { server, url } = await start();
    const serverFile = join(data, "server.json");
    expect(statSync(serverFile).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(serverFile, "utf8"))).toMatchObject({ url, pid: server.pid });
    // A command that ran in its own process would need the lock that the server holds.
    const invoked = await quiver(here("invoke", "slow", "--symbols", "S000002", "--format", "csv"));
    expect([invoked.code, invoked.err]).toEqual([0, ""]);
    const second = await quiver(here("start", "--port", "0", "--lock-wait-ms", "0"));
    expect(second.code).toBe(4);
    expect(second.err).toBe(
      `Cannot write to the data directory ${data}: process ${server.pid} (quiver start) serves it on ${url}. Use that server or stop it, or give another directory with --data.\n`,
    );
    const port = new URL(url).port;
    const third = await quiver(here("start", "--port", port));
    expect([third.code, third.err]).toEqual([
      4,
      `Cannot start another server on port ${port}: process ${server.pid} already serves the data directory ${data} on ${url}. Use that server or stop it, or choose another port and directory with --port and --data.\n`,
    ]);
    server.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
    expect(existsSync(serverFile)).toBe(false);
  });

  test("lets a running invocation finish when it is stopped", async () => {
    const { server, url } = await start();
    const running = fetch(`${url}/functions/slow`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"symbols":["S000002"]}',
    });
    await waitFor(async () => /quiver_active_requests 1/.test(await (await fetch(`${url}/metrics`)).text()));
    server.kill("SIGTERM");
    await waitFor(async () => (await fetch(`${url}/readyz`)).status === 503);
    const response = await running;
    expect(response.status).toBe(200);
    const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()));
    expect(table.numRows).toBeGreaterThan(0);
    expect((await server.ended).code).toBe(0);
  });

  test("is not mistaken for a live server after it was killed", async () => {
    const { server } = await start();
    server.kill("SIGKILL");
    await server.ended;
    expect(existsSync(join(data, "server.json"))).toBe(true);
    const { code, out } = await quiver(here("ls", "demo"));
    expect(code).toBe(0);
    expect(out).toContain("close");
  });

  test("says that its port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const nowhere = join(root, "never-made");
    const { code, err } = await quiver(["start", "--port", String(port), "--data", nowhere]);
    taken.close();
    expect(existsSync(nowhere)).toBe(false);
    expect(code).toBe(4);
    expect(err).toBe(
      `Cannot listen on 127.0.0.1:${port}: another process is listening there. Stop it, or give another port with --port.\n`,
    );
  });

  test("requires its token, which commands find by themselves", async () => {
    const { server, url } = await start("--token", "s3cret");
    expect((await fetch(`${url}/functions`)).status).toBe(401);
    expect((await quiver(here("ls"))).code).toBe(0);
    server.kill("SIGTERM");
    await server.ended;
  });
});

describe("quiver dev", () => {
  test("uses an edited function in the next call, reports the change and shows what a handler prints", async () => {
    const file = join(functions, "edited", "index.ts");
    const write = (value: string) => {
      mkdirSync(join(functions, "edited"), { recursive: true });
      writeFileSync(join(functions, "edited", "value.ts"), `export const value = ${value};\n`);
      writeFileSync(
        file,
        `import { defineFeature, float64 } from "quiver";
import { value } from "./value.ts";
export default defineFeature({
  description: "A constant",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  handler(_, out) { console.log("value is " + value); out.x.fill(value); },
});`,
      );
    };
    write("1");
    const server = startQuiver(here("dev", "--port", "0"));
    await server.outputs(/on (http:\/\/127\.0\.0\.1:\d+)/);
    const invoke = () =>
      quiver(here("invoke", "edited", "--symbols", "S000002", "--from", "2024-01-01", "--format", "csv"));
    expect((await invoke()).out).toBe("symbol,ts,x\r\nS000002,2024-01-01,1\r\n");
    writeFileSync(join(functions, "edited", "value.ts"), "export const value = 2;\n");
    expect((await invoke()).out).toBe("symbol,ts,x\r\nS000002,2024-01-01,2\r\n");
    await server.outputs(/value is 2/, "err");
    await server.outputs(/edited: changed, live on the next call/, "err");
    writeFileSync(join(functions, "edited", "value.ts"), "export const value = ;\n");
    await server.outputs(/edited: Cannot load edited\/index\.ts: /, "err");
    rmSync(join(functions, "edited"), { recursive: true });
    await server.outputs(/edited: removed/, "err");
    server.kill("SIGINT");
    expect((await server.ended).code).toBe(0);
  });
});

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
