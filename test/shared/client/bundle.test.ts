import { spawnSync } from "node:child_process";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { PROJECT } from "../../support/run-quiver.ts";

const hasNode = spawnSync("node", ["--version"]).status === 0;

/** A program bundled for a browser: importing a Node module would be an error. */
async function bundled(source: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: `${PROJECT}/test`, loader: "ts" },
    bundle: true,
    platform: "browser",
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

const PROGRAM = `
  import { createClient, errorCodeOf } from "quiver/client";
  const answer = () => Promise.resolve(Response.json({ code: "unknown-dataset", detail: "none" }, { status: 400 }));
  const client = createClient({ url: "http://127.0.0.1:1", fetch: answer });
  console.log(await client.datasets().catch(errorCodeOf));`;

test("the client is bundled for a browser without anything of the server", async () => {
  const text = await bundled(PROGRAM);
  expect(text).toContain("unknown-dataset");
  expect(text).not.toMatch(/node:|@duckdb|openapi/);
});

test.skipIf(!hasNode)(
  `the bundle runs on Node${hasNode ? "" : " (skipped: node is absent, or Bun stands in for it)"}`,
  async () => {
    const { stdout, stderr } = spawnSync("node", ["--input-type=module"], {
      input: await bundled(PROGRAM),
      encoding: "utf8",
    });
    expect([stdout, stderr]).toEqual(["unknown-dataset\n", ""]);
  },
);
