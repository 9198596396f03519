import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toImportError } from "../../../runtime/import/import-errors.ts";
import { removeLeftovers } from "../../../runtime/store/remove-leftovers.ts";
import { verifyDatasetFiles } from "../../support/verify-files.ts";
import { openImport, type ImportBench } from "./open-import.ts";

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

const SCRIPT = fileURLToPath(new URL("crashing-import.ts", import.meta.url));
/** The same runtime as the test's. */
const command = (...args: string[]): string[] => [
  ...("Deno" in globalThis ? ["run", "-A", SCRIPT] : [SCRIPT]),
  ...args,
];

const rows = (count: number, close: string) =>
  `SELECT printf('S%03d', i // 100) AS symbol, DATE '2024-01-01' + (i % 100)::INT AS ts, ${close} AS close, if(i = 7, -1.0, 2.0) AS open FROM range(${count}) AS t(i)`;

describe("importFiles() whose process dies", () => {
  test("at any step before the commit leaves the old dataset whole, and the same command finishes later", async () => {
    const first = await bench.parquet("first.parquet", rows(2_000, "i + 1.0"));
    const second = await bench.parquet("second.parquet", rows(3_000, "i + 2.0"));
    await bench.run({ files: [first] }, { rowsPerFile: 1000 });
    const before = readFileSync(join(bench.dataDir, "bars", "dataset.json"), "utf8");
    const storedBefore = await bench.stored();
    const finished = join(bench.dir, "finished");
    cpSync(bench.dataDir, finished, { recursive: true });
    expect(
      spawnSync(process.execPath, command(finished, second, "none", "0"), { encoding: "utf8" }).stdout,
    ).toBe("imported\n");

    for (const [stage, step] of [
      ["fingerprint", 1],
      ["inspect", 1],
      ["stage", 1],
      ["write", 1],
      ["write", 3],
    ] as const) {
      const dead = spawnSync(process.execPath, command(bench.dataDir, second, stage, String(step)), {
        encoding: "utf8",
      });
      expect([stage, dead.signal, dead.stdout]).toEqual([stage, "SIGKILL", ""]);
      expect(readFileSync(join(bench.dataDir, "bars", "dataset.json"), "utf8")).toBe(before);
      expect(
        verifyDatasetFiles(bench.dataDir, bench.record()).every(({ state }) => state === "unchanged"),
      ).toBe(true);
      expect(await bench.stored()).toEqual(storedBefore);
    }
    expect(existsSync(join(bench.dataDir, "bars", ".staging"))).toBe(true);
    await bench.run({ files: [second] }, { rowsPerFile: 1000 });
    expect(existsSync(join(bench.dataDir, "bars", ".staging"))).toBe(false);
    const undisturbed = JSON.parse(readFileSync(join(finished, "bars", "dataset.json"), "utf8")) as {
      fingerprint: string;
    };
    expect(bench.record().fingerprint).toBe(undisturbed.fingerprint);
  });

  test("at any moment, old or new stands, never a mixture", async () => {
    const first = await bench.parquet("first.parquet", rows(2_000, "i + 1.0"));
    const second = await bench.parquet("second.parquet", rows(2_000, "i + 2.0"));
    await bench.run({ files: [first] }, { rowsPerFile: 1000 });
    for (const delay of [60, 120, 180, 240, 300, 400]) {
      const child = spawn(process.execPath, command(bench.dataDir, second, "none", "0"), { stdio: "ignore" });
      const ended = new Promise((resolve) => child.on("exit", resolve));
      await sleep(delay);
      child.kill("SIGKILL");
      await ended;
      const record = bench.record();
      expect(verifyDatasetFiles(bench.dataDir, record).every(({ state }) => state === "unchanged")).toBe(
        true,
      );
      // Old rows are one above their number, new ones two: both at once would be two differences.
      const list = record.files.map((file) => `'${join(bench.dataDir, "bars", file.path)}'`).join(", ");
      const number = "substr(symbol, 2)::INT * 100 + (ts - DATE '2024-01-01')";
      expect(
        await bench.sql(`SELECT count(DISTINCT close - (${number})) FROM read_parquet([${list}])`),
      ).toEqual([["1"]]);
    }
    removeLeftovers(bench.dataDir, "bars");
    expect(
      verifyDatasetFiles(bench.dataDir, bench.record()).every(({ state }) => state === "unchanged"),
    ).toBe(true);
  });

  test("the first time leaves nothing that the next start does not remove", async () => {
    const first = await bench.parquet("first.parquet", rows(2_000, "i + 1.0"));
    const dead = spawnSync(process.execPath, command(bench.dataDir, first, "write", "2"));
    expect(dead.signal).toBe("SIGKILL");
    expect(readdirSync(join(bench.dataDir, "bars"))).toContain(".staging");
    removeLeftovers(bench.dataDir, "bars");
    expect(readdirSync(bench.dataDir)).toEqual([]);
  });
});

const NAMESPACE = ["-Urm", "sh", "-c"];
const canMount =
  spawnSync("unshare", [...NAMESPACE, "mount -t tmpfs -o size=1m none /mnt"], { stdio: "ignore" }).status ===
  0;

describe("an import's failures", () => {
  test.skipIf(!canMount)(
    "a disk that fills up leaves the old dataset whole (needs unshare and mount)",
    async () => {
      const small = await bench.parquet("small.parquet", rows(2_000, "i + 1.0"));
      const large = await bench.parquet("large.parquet", rows(500_000, "random()"));
      mkdirSync(bench.dataDir);
      const script = fileURLToPath(new URL("full-disk-import.ts", import.meta.url));
      const runtime =
        "Deno" in globalThis ? [process.execPath, "run", "-A", script] : [process.execPath, script];
      const mounted = `mount -t tmpfs -o size=2m none "$0" && exec "$@"`;
      const ended = spawnSync(
        "unshare",
        [...NAMESPACE, mounted, bench.dataDir, ...runtime, bench.dataDir, small, large],
        { encoding: "utf8" },
      );
      expect(ended.stderr).toBe("");
      expect(JSON.parse(ended.stdout)).toEqual({
        code: "disk-full",
        message:
          "Cannot continue importing into bars (write): the disk is full. Nothing was changed; free some space and run the same command again.",
        isUnchanged: true,
        states: ["unchanged"],
        bars: 2,
        hasStaging: false,
      });
    },
  );

  test("a full disk is told as that, whoever notices it", async () => {
    const message =
      "Cannot continue importing into bars (write): the disk is full. Nothing was changed; free some space and run the same command again.";
    const ofDuckdb: unknown = await bench.connection
      .run("COPY (SELECT * FROM range(1000000)) TO '/dev/full' (FORMAT parquet)")
      .catch((error: unknown) => error);
    const ofSystem = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    for (const error of [ofDuckdb, ofSystem]) {
      expect(toImportError(error, "importing into bars (write)")).toMatchObject({
        code: "disk-full",
        message,
      });
    }
  });

  test("too little memory is told as that, and nothing is left", async () => {
    const path = await bench.parquet(
      "wide.parquet",
      "SELECT uuid()::VARCHAR AS symbol, DATE '2024-01-01' AS ts, i::DOUBLE AS close FROM range(2000000) AS t(i)",
    );
    await bench.connection.run("SET memory_limit = '24MB'");
    await bench.connection.run("SET temp_directory = ''");
    const error: unknown = await bench.run({ files: [path] }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "import-out-of-memory" });
    expect(String(error)).toMatch(
      /^QuiverError: Cannot continue importing into bars \(\w+\): the engine's memory limit is too low \(.+\)\. Nothing was changed; raise --engine-memory-bytes or import fewer files at a time\.$/,
    );
    expect(readdirSync(bench.dataDir)).toEqual([]);
  });

  test("a damaged page is told as that", async () => {
    const path = await bench.parquet(
      "page.parquet",
      "SELECT 'A' AS symbol, DATE '2024-01-01' + i::INT AS ts, random() AS close FROM range(50000) AS t(i)",
    );
    const bytes = readFileSync(path);
    bytes.fill(0xff, 40, 4000);
    const broken = bench.file("broken.parquet", bytes);
    const error: unknown = await bench.run({ files: [broken] }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "source-malformed" });
    expect(readdirSync(bench.dataDir)).toEqual([]);
  });

  test("a bug stays a bug", () => {
    const bug = new TypeError("x is not a function");
    expect(toImportError(bug, "importing")).toBe(bug);
  });
});
