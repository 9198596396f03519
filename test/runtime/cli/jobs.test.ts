import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type JobRecord, openJobRecords } from "../../../runtime/store/job-records.ts";
import { SLOW, THROWS } from "../../support/job-app.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";
import { quiver, type RunningQuiver, startQuiver } from "../../support/run-quiver.ts";

const SILENT = `import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "says nothing",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  handler: ({ bars }, out) => out.x.set(bars.close),
});`;

let root = "";
let here: (...args: string[]) => string[];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-jobs-"));
  const data = join(root, "data");
  const functions = join(root, "functions");
  here = (...args) => [...args, "--data", data, "--functions", functions];
  for (const [name, source] of [
    ["slow", SLOW],
    ["throws", THROWS],
    ["silent", SILENT],
  ] as const) {
    mkdirSync(join(functions, name), { recursive: true });
    writeFileSync(join(functions, name, "index.ts"), source);
  }
  const files = [dailyBarsSql({ symbolCount: 4, dayCount: 60 })];
  await makeDataset({ dataDir: data, name: "demo", columns: DAILY_COLUMNS, files });
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe("without a server", () => {
  test.each([["invoke"], ["publish"]])("%s --async says to start one", async (command) => {
    const { code, out, err } = await quiver(here(command, "slow", "--async"));
    expect([code, out, err]).toEqual([
      2,
      "",
      `Cannot run "quiver ${command} slow --async": no server is running for the data directory ${join(root, "data")}. Start one with "quiver start", or leave --async out and wait.\n`,
    ]);
  });

  test("options for jobs are refused without --async", async () => {
    const { code, err } = await quiver(here("invoke", "slow", "--priority", "3"));
    expect([code, err]).toEqual([2, 'Cannot use "3" for --priority: expected none without --async.\n']);
  });

  test.each([
    [
      ["jobs"],
      'No jobs yet. A server runs them: start one with "quiver start", then order a job with "quiver invoke <function> --async" or "quiver publish <function> --async".\n',
    ],
    [["jobs", "--status", "failed"], 'No jobs with --status failed: "quiver jobs" lists all of them.\n'],
    [
      ["jobs", "--status", "queued", "--function", "slow"],
      'No jobs with --status queued and --function slow: "quiver jobs" lists all of them.\n',
    ],
    [
      ["jobs", "ls", "--status", "queued", "--function", "slow"],
      'No jobs with --status queued and --function slow: "quiver jobs" lists all of them.\n',
    ],
  ])("%j says that there are no jobs, and what to do", async (args, message) => {
    expect(await runCommand(here(...args))).toEqual({ code: 0, out: "", err: message });
  });

  // An empty list looked as if there were a function of that name.
  test("jobs of a function that does not exist are refused, with the nearest name", async () => {
    expect(await runCommand(here("jobs", "--function", "slwo"))).toEqual({
      code: 2,
      out: "",
      err: 'Cannot find the function "slwo": there are silent, slow, throws. Did you mean "slow"? "quiver new <name>" makes one.\n',
    });
  });

  test("a job whose server died is listed as interrupted, not as still running", async () => {
    const records = openJobRecords(join(root, "data", "quiver.db"), 100);
    const running: JobRecord = {
      id: "interrupted",
      status: "running",
      kind: "invoke",
      function: "slow",
      dataset: null,
      request: { function: "slow" },
      body: null,
      isSmall: true,
      recompute: false,
      priority: 0,
      idempotencyKey: null,
      requestHash: "",
      createdAt: "2024-03-01T00:00:00.000Z",
      startedAt: "2024-03-01T00:00:01.000Z",
      endedAt: null,
      attempts: 1,
      crashes: 0,
      cancelRequested: false,
      progress: null,
      error: null,
      result: null,
    };
    records.add(running);
    const { code, out, err } = await runCommand(here("jobs"));
    // Its function may be gone by now.
    expect((await runCommand([...here("jobs", "--function", "slow"), "--functions", root])).code).toBe(0);
    expect((await runCommand(here("jobs", "ls"))).out).toBe(out);
    expect([code, out.split("\n")[2], err]).toEqual([
      0,
      "interrupted  slow      invoke  interrupted  continues at the next start       2024-03-01T00:00:00.000Z",
      'No server is running, so unfinished jobs wait. Start one with "quiver start".\n',
    ]);
    records.close();
    for (const end of ["", "-wal", "-shm"]) rmSync(join(root, "data", `quiver.db${end}`), { force: true });
  });

  test.each([["watch"], ["cancel"], ["logs"], ["result"]])(
    "jobs %s of an unknown job names the command that lists jobs",
    async (command) => {
      expect(await runCommand(here("jobs", command, "nope"))).toEqual({
        code: 2,
        out: "",
        err: 'Cannot find the invocation "nope": there is no such job, and no call with that id has ended. "quiver jobs" lists what there is.\n',
      });
    },
  );
});

describe("with a server", () => {
  let server: RunningQuiver;
  let url = "";
  beforeAll(async () => {
    server = startQuiver(here("start", "--port", "0"));
    url = (await server.outputs(/ on (http:\S+) /))[1] ?? "";
  });
  afterAll(async () => {
    server.kill("SIGTERM");
    await server.ended;
  });

  test("jobs says that there are none, and does not ask to start a server", async () => {
    expect(await runCommand(here("jobs"))).toEqual({
      code: 0,
      out: "",
      err: 'No jobs yet. Order one with "quiver invoke <function> --async" or "quiver publish <function> --async".\n',
    });
  });

  const order = async (...args: string[]) => {
    const { code, out, err } = await quiver(here(...args, "--async"));
    const [, id = ""] = /^(\S+) http/.exec(out) ?? [];
    expect([code, out, err]).toEqual([
      0,
      `${id} ${url}/invocations/${id}\n`,
      `"quiver jobs watch ${id}" shows its progress.\n`,
    ]);
    return id;
  };

  const job = async (id: string) => {
    const response = await fetch(`${url}/invocations/${id}`);
    const { status, result } = (await response.json()) as {
      status: string;
      result: { version: { version: string } | null } | null;
    };
    return { status, version: result?.version?.version ?? "" };
  };
  const runningOf = async (id: string) => {
    while ((await job(id)).status === "queued") await new Promise((resolve) => setTimeout(resolve, 20));
  };

  test("a job is ordered, watched and listed, and its rows and log are fetched", async () => {
    const id = await order("invoke", "slow", "--param", "milliseconds=100", "--key", "once");
    const watched = await quiver(here("jobs", "watch", id));
    expect([watched.code, watched.out]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(`^121 rows, kept until .*Z: "quiver jobs result ${id} -o <file>" fetches them\\.\n$`),
      ),
    ]);
    const again = await quiver(
      here("invoke", "slow", "--param", "milliseconds=100", "--key", "once", "--async"),
    );
    expect([again.out.split(" ")[0], again.err]).toEqual([
      id,
      `This job has succeeded already: "quiver jobs result ${id} -o <file>" fetches its result.\n`,
    ]);
    const listed = await quiver(here("jobs", "--status", "succeeded", "--json"));
    const { jobs } = JSON.parse(listed.out) as { jobs: object[] };
    expect(jobs).toMatchObject([{ id, function: "slow", status: "succeeded" }]);
    expect((await quiver(here("jobs", "logs", id))).out).toBe("at work\n".repeat(4));
    const file = join(root, "rows.csv");
    const written = await quiver(here("jobs", "result", id, "-o", file));
    const kibibytes = (statSync(file).size / 1024).toFixed(2);
    expect(written).toEqual({ code: 0, out: "", err: `${file}: 121 rows · ${kibibytes} KiB\n` });
    expect(readFileSync(file, "utf8").split("\r\n")[0]).toBe("symbol,ts,twice");
    const cancelled = await quiver(here("jobs", "cancel", id));
    expect([cancelled.code, cancelled.out]).toEqual([0, `Nothing to cancel: ${id} has succeeded.\n`]);
  });

  test("the rows of a job are not promised once they have expired", async () => {
    const id = await order("invoke", "slow");
    expect((await runCommand(here("jobs", "watch", id))).code).toBe(0);
    rmSync(join(root, "data", "spool", "jobs", id), { recursive: true });
    const { code, out } = await runCommand(here("jobs", "watch", id));
    expect([code, out]).toEqual([0, "121 rows, which have expired: order the job again.\n"]);
  });

  test("the manifest of a publication is not written to a file named for rows", async () => {
    const id = await order("publish", "silent");
    expect((await runCommand(here("jobs", "watch", id))).code).toBe(0);
    const { version } = await job(id);
    const file = join(root, "silent.parquet");
    expect(await runCommand(here("jobs", "result", id, "-o", file))).toEqual({
      code: 2,
      out: "",
      err: `Cannot write rows of the job ${id} to "${file}": it published demo/silent version ${version}. quiver sql "select * from demo.silent" -o ${file} writes the rows, and -o manifest.json the manifest.\n`,
    });
    const manifest = join(root, "manifest.json");
    const { err } = await runCommand(here("jobs", "result", id, "-o", manifest));
    const kibibytes = (statSync(manifest).size / 1024).toFixed(2);
    expect(err).toBe(`${manifest}: the manifest of what it published · ${kibibytes} KiB\n`);
    expect(JSON.parse(readFileSync(manifest, "utf8"))).toMatchObject({ name: "silent", version });
    expect(await runCommand(here("jobs", "logs", id))).toEqual({
      code: 0,
      out: "",
      err: `No log: the handlers of the job ${id} printed nothing.\n`,
    });
  });

  test("a running job has no result yet, and the refusal names the command that waits for it", async () => {
    const id = await order("invoke", "slow", "--param", "milliseconds=60001");
    await runningOf(id);
    expect(await runCommand(here("jobs", "result", id))).toEqual({
      code: 2,
      out: "",
      err: `Cannot answer with the result of the job ${id}: it is running. "quiver jobs watch ${id}" reports when it has ended.\n`,
    });
    await runCommand(here("jobs", "cancel", id));
  });

  test("an order whose key belongs to an ended job says how the job ended", async () => {
    const command = here("publish", "throws", "--async", "--key", "kk");
    const id = (await runCommand(command)).out.split(" ")[0] ?? "";
    await runCommand(here("jobs", "watch", id));
    expect(await runCommand(command)).toEqual({
      code: 0,
      out: `${id} ${url}/invocations/${id}\n`,
      err: 'This job has failed already. To run it again, order it with another --key.\nThe function "throws" stopped: no luck\n',
    });
  });

  test("watching a job that fails ends with the same error", async () => {
    const id = await order("publish", "throws");
    const { code, err } = await quiver(here("jobs", "watch", id));
    expect([code, err]).toEqual([3, expect.stringContaining('The function "throws" stopped: no luck\n')]);
  });

  test("watching a job prints a line per stage, not per row", async () => {
    const id = await order("invoke", "slow", "--param", "milliseconds=700");
    const { err } = await quiver(here("jobs", "watch", id));
    const lines = err.split("\n").filter((line) => line.includes("running, slow: "));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${id}: running, slow: \\d+ of 121 rows`));
  });

  test("a job that takes too long is cancelled", async () => {
    const id = await order("publish", "slow", "--param", "milliseconds=60000", "--priority", "2");
    const { code, out } = await quiver(here("jobs", "cancel", id));
    expect([code, out]).toEqual([0, `Cancelled ${id}.\n`]);
    const { code: watched, err } = await quiver(here("jobs", "watch", id));
    expect([watched, err]).toEqual([2, 'The job of "slow" was cancelled.\n']);
  });
});
