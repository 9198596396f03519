import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { PROJECT, type RunningQuiver, startQuiver } from "../../support/run-quiver.ts";

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const title = `docs/examples/background_job.py${hasPython ? "" : " (skipped: python3 is absent)"}`;

describe.skipIf(!hasPython)(title, () => {
  let root = "";
  let url = "";
  let server: RunningQuiver;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "quiver-python-"));
    const bars = dailyBarsSql({ symbolCount: 4, dayCount: 60 });
    await makeDataset({ dataDir: root, name: "demo", columns: DAILY_COLUMNS, files: [bars] });
    server = startQuiver(["start", "--port", "0", "--data", root, "--token", "s3cret"]);
    [, url = ""] = await server.outputs(/on (http:\/\/127\.0\.0\.1:\d+)/);
  });
  afterAll(async () => {
    server.kill("SIGTERM");
    await server.ended;
    rmSync(root, { recursive: true, force: true });
  });

  const job = (...args: string[]) =>
    spawnSync("python3", [join(PROJECT, "docs/examples/background_job.py"), "--url", url, ...args], {
      encoding: "utf8",
      env: { ...process.env, QUIVER_TOKEN: "s3cret" },
    });

  test("invokes over HTTP and saves Parquet", async () => {
    const out = join(root, "rsi.parquet");
    const { status, stdout } = job("--out", out, "--symbols", "S000002", "--params", '{"period": 5}');
    expect(status).toBe(0);
    const bytes = readFileSync(out);
    const rows = await parquetReadObjects({
      file: new Uint8Array(bytes).buffer,
      compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) },
    });
    expect(stdout).toMatch(new RegExp(`rsi\\.parquet: ${rows.length} rows, ${bytes.length} bytes in `));
    expect(new Set(rows.map((row) => row["symbol"]))).toEqual(new Set(["S000002"]));
    expect(rows.at(-1)?.["rsi"]).toBeTypeOf("number");
  });

  test("ends with the server's sentence, and writes nothing, when it is refused", () => {
    const out = join(root, "none.parquet");
    const { status, stderr } = job("--out", out, "--symbols", "NOPE");
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^unknown-symbol: Cannot find the symbol "NOPE" in the dataset "demo", which has 4 symbols\./,
    );
    expect(() => readFileSync(out)).toThrow("ENOENT");
  });
});
