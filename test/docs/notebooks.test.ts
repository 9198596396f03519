import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../support/make-dataset.ts";
import { PROJECT, type RunningQuiver, startQuiver } from "../support/run-quiver.ts";

const NOTEBOOKS = join(PROJECT, "docs", "notebooks");
/** The Python that has Jupyter in it may be another than the first in the path. */
const PYTHON = process.env["PYTHON"] ?? "python3";
const has = (...modules: string[]) => spawnSync(PYTHON, ["-c", `import ${modules.join(", ")}`]).status === 0;
const hasJupyter = has("nbclient", "nbformat", "ipykernel");
const hasTables = hasJupyter && has("pyarrow", "polars");
const because = (isThere: boolean, what: string) => (isThere ? "" : ` (skipped: ${what} is absent)`);

const Notebook = z.object({
  cells: z.array(
    z.object({
      cell_type: z.string(),
      execution_count: z.number().nullable().optional(),
      outputs: z.array(z.unknown()).optional(),
    }),
  ),
});

/** Runs a notebook in its folder, as Jupyter would, and prints what its cells gave. */
const RUN = `
import os, sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
folder = {"metadata": {"path": os.path.dirname(sys.argv[1])}}
NotebookClient(notebook, timeout=120, resources=folder).execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        print(output.get("text") or output.get("data", {}).get("text/plain"))
`;

test("notebooks are kept without what they gave", () => {
  const names = readdirSync(NOTEBOOKS).filter((name) => name.endsWith(".ipynb"));
  expect(names).toEqual(["features.deno.ipynb", "features.python.ipynb"]);
  for (const name of names) {
    const { cells } = Notebook.parse(JSON.parse(readFileSync(join(NOTEBOOKS, name), "utf8")));
    const given = cells.filter((cell) => cell.cell_type === "code");
    expect(given.length).toBeGreaterThan(3);
    expect(given.flatMap(({ outputs = [] }) => outputs)).toEqual([]);
    expect(given.every((cell) => cell.execution_count === null)).toBe(true);
  }
});

describe.skipIf(!hasJupyter)(
  `notebooks in Jupyter${because(hasJupyter, "Jupyter (nbclient, ipykernel)")}`,
  () => {
    let root = "";
    let url = "";
    let server: RunningQuiver;
    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), "quiver-notebooks-"));
      const functions = join(root, "functions");
      cpSync(join(PROJECT, "functions", "rsi-macd"), join(functions, "rsi-macd"), { recursive: true });
      for (const name of ["here", "there"]) {
        const files = [dailyBarsSql({ symbolCount: 4, dayCount: 250 })];
        await makeDataset({ dataDir: join(root, name), name: "demo", columns: DAILY_COLUMNS, files });
      }
      const deno = join(PROJECT, "node_modules", "deno", "deno");
      const kernel = {
        argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
        display_name: "Deno",
        language: "typescript",
      };
      mkdirSync(join(root, "jupyter", "kernels", "deno"), { recursive: true });
      writeFileSync(join(root, "jupyter", "kernels", "deno", "kernel.json"), JSON.stringify(kernel));
      server = startQuiver(["start", "--port", "0", "--data", join(root, "there"), "--functions", functions]);
      [, url = ""] = await server.outputs(/on (http:\/\/127\.0\.0\.1:\d+)/);
    });
    afterAll(async () => {
      server.kill("SIGTERM");
      await server.ended;
      rmSync(root, { recursive: true, force: true });
    });

    async function run(name: string) {
      const child = spawn(PYTHON, ["-c", RUN, join(NOTEBOOKS, name)], {
        env: {
          ...process.env,
          JUPYTER_PATH: join(root, "jupyter"),
          QUIVER_DATA: join(root, "here"),
          QUIVER_FUNCTIONS: join(root, "functions"),
          NOTEBOOK_URL: url,
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const text = { out: "", err: "" };
      child.stdout.on("data", (chunk: Buffer) => (text.out += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (text.err += chunk.toString()));
      const [code] = (await once(child, "close")) as [number];
      return { code, ...text };
    }

    test("on Deno's kernel: in the notebook itself, then over HTTP", async () => {
      const { code, out, err } = await run("features.deno.ipynb");
      expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
      expect(out).toContain('"here"');
      expect(out).toMatch(/mean RSI \d\d\.\d\d/);
      expect(out).toContain('unknown-symbol Cannot find the symbol "NO-SUCH"');
    });

    const title = `on Python's kernel: over HTTP, then pyarrow and polars${because(hasTables, "pyarrow or polars")}`;
    test.skipIf(!hasTables)(title, async () => {
      const { code, out, err } = await run("features.python.ipynb");
      expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
      expect(out).toContain("('succeeded', 'notebook-rsi')");
      expect(out).toContain('unknown-symbol: Cannot find the symbol "NO-SUCH"');
    });
  },
);
