import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";
import { startQuiver } from "../../support/run-quiver.ts";

let root = "";
let nowhere = "";
const here = (...args: string[]) =>
  runCommand([...args, "--data", join(root, "data"), "--functions", nowhere]);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-nowhere-"));
  nowhere = join(root, "nowhere");
  const files = [dailyBarsSql({ symbolCount: 1, dayCount: 2 })];
  await makeDataset({ dataDir: join(root, "data"), name: "demo", columns: DAILY_COLUMNS, files });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

// A publication from cron, in another folder than the project's, ended with 0 and an empty table.
describe("without a folder of functions", () => {
  test.each([[["publish", "--all"]], [["publish", "--all", "returns"]], [["graph"]], [["graph", "returns"]]])(
    "%j is refused and names the folder",
    async (args) => {
      expect(await here(...args)).toEqual({
        code: 2,
        out: "",
        err: `No functions in ${nowhere}, which does not exist (--functions): "quiver new my-feature" makes one.\n`,
      });
    },
  );

  test("one that is empty is refused too", async () => {
    const empty = join(root, "empty");
    mkdirSync(empty);
    const ended = await runCommand(["publish", "--all", "--data", join(root, "data"), "--functions", empty]);
    expect(ended).toEqual({
      code: 2,
      out: "",
      err: 'No functions yet: "quiver new my-feature" makes one.\n',
    });
  });

  test("doctor says so", async () => {
    const { out } = await here("doctor", "--json");
    const { findings } = JSON.parse(out) as { findings: { what: string }[] };
    expect(findings.find(({ what }) => what === "functions")).toEqual({
      what: "functions",
      verdict: "note",
      detail: `${nowhere} does not exist: "quiver new my-feature" makes one, or name another folder with --functions`,
    });
  });

  test("a server starts, warns, and refuses an order of everything", async () => {
    const places = ["--data", join(root, "data"), "--functions", nowhere];
    const server = startQuiver(["start", "--port", "0", ...places]);
    try {
      await server.outputs(/ on (http:\S+) /);
      await server.outputs(
        new RegExp(
          `^No functions in ${nowhere}, which does not exist \\(--functions\\): "quiver new my-feature" makes one\\.\\n`,
          "m",
        ),
        "err",
      );
      expect(await here("publish", "--all", "--async")).toEqual({
        code: 2,
        out: "",
        err: 'No functions yet: "quiver new my-feature" makes one.\n',
      });
    } finally {
      server.kill("SIGTERM");
      await server.ended;
    }
  });
});
