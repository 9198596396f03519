import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Isolation } from "../../../runtime/process/launcher.ts";
import type { Pool } from "../../../runtime/process/child-handle.ts";
import { createPool } from "../../../runtime/process/create-pool.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { AUTHOR, launchFixture, type FixtureLauncher } from "../../fixtures/processes/launch-fixture.ts";

const SECRET = "QUIVER_TEST_SECRET";
const onDeno = runtimeName() === "deno";
/** On Bun there are two ways into namespaces, and both must protect alike. */
const WAYS = onDeno ? (["auto"] as const) : (["perl", "util-linux"] as const);
// Asked once, here, because a test is skipped before anything is started.
const isolations = new Map<string, Isolation>();
for (const namespaces of WAYS) {
  const asked = await launchFixture({ namespaces });
  isolations.set(namespaces, asked.launcher.isolation);
  await asked.close();
}

let pool: Pool;

/** What an author's function got when it tried. */
async function attempt(name: string, ...args: readonly unknown[]): Promise<unknown> {
  const outcome = await (await pool.acquire()).run({ module: AUTHOR, call: name, args });
  if (outcome.kind !== "ok") throw new Error(`The attempt itself ended as ${JSON.stringify(outcome)}`);
  return outcome.reply;
}

const REFUSED = { refused: expect.any(String) };

test("every way into namespaces works where one does", () => {
  expect(new Set([...isolations.values()].map(({ by }) => by)).size).toBe(1);
});

describe.each(WAYS)("isolation by %s", (way) => {
  const isolation = isolations.get(way) ?? expect.fail("nobody asked for it");
  const ownFilesOnly = isolation.files === "own-only";
  let fixture: FixtureLauncher;
  let server: Server;
  let port: number;

  beforeAll(async () => {
    process.env[SECRET] = "hunter2";
    fixture = await launchFixture({ namespaces: way });
    pool = createPool({ launcher: fixture.launcher, size: 2 });
    server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The server has no port");
    port = address.port;
  });

  afterAll(async () => {
    delete process.env[SECRET];
    server.close();
    await pool.close();
    await fixture.close();
  });

  test("is one of three, and says why there is no more of it", () => {
    expect(isolation.by).toBe(onDeno ? "permissions" : isolation.why === "" ? "namespaces" : "process");
    if (isolation.by === "namespaces") expect(fixture.launcher.sandbox?.by).toBe(way);
  });

  test("is the weakest, with the reason, where namespaces are turned off", async () => {
    if (onDeno) return expect(isolation.by).toBe("permissions");
    const plain = await launchFixture({ namespaces: "none" });
    try {
      expect(plain.launcher.isolation).toEqual({
        by: "process",
        network: "reachable",
        files: "all-of-the-user",
        descendants: "group-killed",
        why: "namespaces were turned off",
      });
      const unprotected = createPool({ launcher: plain.launcher, size: 1 });
      const child = await unprotected.acquire();
      const outcome = await child.run({ module: AUTHOR, call: "read", args: ["/etc/passwd"] });
      expect(outcome).toMatchObject({ kind: "ok", reply: { value: expect.any(Number) } });
      await unprotected.close();
    } finally {
      await plain.close();
    }
  });

  test("refuses a layout in which what is given up holds what is needed later", async () => {
    const spool = fixture.spool;
    await expect(
      launchFixture({
        access: { readDirs: [spool], codeDirs: [join(spool, "code")] },
        outRoot: join(spool, "out"),
      }),
    ).rejects.toThrow(
      `Cannot give children ${spool} to read until privileges are dropped: ${join(spool, "code")}, which they need afterwards, lies in it.`,
    );
  });

  describe("author code", () => {
    test("sees no variable of the server's environment", async () => {
      expect(process.env[SECRET]).toBe("hunter2");
      const seen = await attempt("secret", SECRET);
      expect(seen).toEqual(onDeno ? REFUSED : { value: null });
      const all = await attempt("environment");
      if (!onDeno) expect(Object.keys((all as { value: object }).value).toSorted()).not.toContain("HOME");
      expect(JSON.stringify(all)).not.toContain("hunter2");
    });

    test("computes in UTC and English wherever the server is", async () => {
      expect(await attempt("zone")).toEqual({ zone: "UTC", text: "1,234.5" });
    });

    test("may write to its own directory", async () => {
      const child = await pool.acquire();
      const path = join(child.outDir, "mine.txt");
      expect(await child.run({ module: AUTHOR, call: "write", args: [path] })).toMatchObject({ kind: "ok" });
      expect(readFileSync(path, "utf8")).toBe("written by an author");
    });

    test.skipIf(isolation.network === "reachable")("reaches no network", async () => {
      expect(await attempt("dial", port)).toEqual(REFUSED);
      expect(await attempt("download", `http://127.0.0.1:${port}/`)).toEqual(REFUSED);
    });

    test.skipIf(!ownFilesOnly)("reads no file of the user or the system", async () => {
      const project = fileURLToPath(new URL("../../../package.json", import.meta.url));
      expect(existsSync(project)).toBe(true);
      expect(await attempt("read", "/etc/passwd")).toEqual(REFUSED);
      expect(await attempt("read", project)).toEqual(REFUSED);
      expect(await attempt("read", `/proc/${process.pid}/environ`)).toEqual(REFUSED);
      expect(await attempt("linkAndRead", project)).toEqual(REFUSED);
    });

    test.skipIf(!ownFilesOnly)("reads nothing of another child", async () => {
      const other = await pool.acquire();
      await other.run({ module: AUTHOR, call: "writeOutput", args: [1] });
      expect(await attempt("list", other.outDir)).toEqual(REFUSED);
    });

    test.skipIf(!ownFilesOnly)("writes nowhere but to its own directory", async () => {
      mkdirSync(join(fixture.spool, "rows"), { recursive: true });
      const targets = ["out/escaped.txt", "rows/escaped.txt", "escaped.txt"];
      for (const path of [...targets.map((name) => join(fixture.spool, name)), `${AUTHOR}.txt`]) {
        expect(await attempt("write", path)).toEqual(REFUSED);
        expect(await attempt("linkAndWrite", path)).toEqual(REFUSED);
        expect(existsSync(path)).toBe(false);
      }
    });

    test.skipIf(!ownFilesOnly)("cannot change the child program or its runtime", async () => {
      const { entry } = fixture.launcher.built;
      expect(await attempt("write", entry)).toEqual(REFUSED);
      expect(await attempt("write", process.execPath)).toEqual(REFUSED);
    });

    // The system limits nobody's processes who is root outside, whatever they are inside.
    test.skipIf(onDeno || way !== "perl" || process.getuid?.() === 0)(
      "starts no more processes than its limit, unless the server is root",
      async () => {
        const message = { module: AUTHOR, call: "forkMany", args: [600] };
        const outcome = await (await pool.acquire()).run(message);
        expect(outcome).toMatchObject({ kind: "ok", reply: { refused: "EAGAIN" } });
      },
    );

    test.skipIf(isolation.by === "process")("starts none of the system's programs", async () => {
      expect(await attempt("run", "/bin/sh")).toEqual(REFUSED);
    });

    test.skipIf(isolation.by === "process")("signals no process outside", async () => {
      expect(await attempt("signal", process.pid)).toEqual(REFUSED);
    });

    test.skipIf(isolation.by !== "namespaces")("sees no process but its own", async () => {
      const listed = (await attempt("list", "/proc")) as { value: readonly string[] };
      expect(listed.value.filter((name) => /^\d+$/.test(name))).toEqual(["1"]);
    });

    describe.skipIf(!onDeno)("on Deno", () => {
      test("reads no input once privileges are dropped", async () => {
        const path = join(fixture.spool, "rows", "input.bin");
        mkdirSync(join(fixture.spool, "rows"), { recursive: true });
        writeFileSync(path, "bytes");
        expect(await attempt("read", path)).toEqual(REFUSED);
        expect(await attempt("list", join(fixture.spool, "rows"))).toEqual(REFUSED);
      });

      test("listens on no port", async () => {
        const outcome = await (await pool.acquire()).run({ module: AUTHOR, call: "listen" });
        expect(outcome).toMatchObject({ kind: "threw", name: "NotCapable" });
      });

      test("is not started where a path holds a comma, which Deno cannot be told", async () => {
        const codeDir = join(fixture.spool, "a,b");
        await expect(launchFixture({ access: { readDirs: [], codeDirs: [codeDir] } })).rejects.toThrow(
          `Cannot give children ${codeDir}: on Deno no path may hold a comma. Move or rename the directory, or run on Bun.`,
        );
      });

      test("obtains no foreign function", async () => {
        expect(await attempt("foreignFunctions")).toEqual(REFUSED);
      });

      test("imports nothing from elsewhere", async () => {
        for (const url of ["https://example.com/module.js", "npm:zod", "file:///etc/passwd"]) {
          expect(await attempt("importUrl", url)).toEqual(REFUSED);
        }
      });

      test("stores nothing in the runtime's own directory", async () => {
        expect(await attempt("cacheStorage")).toEqual(REFUSED);
        expect(await attempt("localStore")).toEqual(REFUSED);
      });
    });
  });
});
