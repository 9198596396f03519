import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildChild } from "../../../runtime/process/build-child.ts";
import { createLauncher } from "../../../runtime/process/launcher.ts";
import { createReusable } from "../../../runtime/process/create-reusable.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";

const fixture = (file: string) => fileURLToPath(new URL(`../../fixtures/processes/${file}`, import.meta.url));
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "quiver-build-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const options = () => ({
  cacheDir: join(directory, "cache"),
  entry: fixture("main.ts"),
  modules: { quiver: fixture("provided-quiver.ts"), zod: "zod" },
});

describe("buildChild()", () => {
  test("builds for the runtime it runs on", async () => {
    const built = await buildChild(options());
    expect(built.runtime).toBe(runtimeName());
    expect(statSync(built.entry).size).toBeGreaterThan(1000);
    expect(dirname(built.entry)).toBe(built.modulesDir);
    expect(built.standsAlone).toBe(built.runtime === "bun");
    if (built.runtime === "deno")
      expect(statSync(join(built.denoDir ?? "", "location_data")).isFile()).toBe(true);
  });

  test("builds the same content once", async () => {
    const first = await buildChild(options());
    const { mtimeMs } = statSync(first.entry);
    const second = await buildChild(options());
    expect(second).toEqual(first);
    expect(statSync(second.entry).mtimeMs).toBe(mtimeMs);
  });

  describe("of files that an earlier build noted", () => {
    const build = () =>
      buildChild({
        cacheDir: join(directory, "cache"),
        entry: join(directory, "main.ts"),
        modules: { quiver: join(directory, "quiver.ts") },
      });
    /** A file that is as old as it says. */
    const write = (name: string, text: string, at = "2024-01-02T00:00:00Z") => {
      writeFileSync(join(directory, name), text);
      utimesSync(join(directory, name), new Date(at), new Date(at));
    };
    const notes = () => readdirSync(join(directory, "cache")).filter((name) => name.startsWith("built-"));
    beforeEach(() => {
      write("main.ts", `import { version } from "./quiver.ts"; console.log(version);`);
      write("quiver.ts", "export const version = 1;");
    });

    test("looks at them instead of bundling, and bundles when one is of another time", async () => {
      const first = await build();
      // Nothing of it can be told from outside but what it says.
      write("quiver.ts", "export const version = 2;");
      expect(await build()).toEqual(first);
      write("quiver.ts", "export const version = 2;", "2024-01-03T00:00:00Z");
      const second = await build();
      expect(second.entry).not.toBe(first.entry);
      expect(existsSync(second.entry)).toBe(true);
      expect(notes()).toHaveLength(1);
    });

    test("bundles when one of them is gone from its place", async () => {
      await build();
      rmSync(join(directory, "quiver.ts"));
      await expect(build()).rejects.toThrow(/Could not resolve "\.\/quiver\.ts"/);
    });

    test("bundles where the note cannot be read, and where what it names is gone", async () => {
      const first = await build();
      for (const text of ["", "{}", `{"name":"child-bun-0","sources":[{}],"others":[]}`]) {
        for (const name of notes()) writeFileSync(join(directory, "cache", name), text);
        expect(await build()).toEqual(first);
      }
      rmSync(first.modulesDir, { recursive: true });
      expect(await build()).toEqual(first);
      expect(existsSync(first.entry)).toBe(true);
    });

    test("notes nothing while a file is too young to be known by its time", async () => {
      writeFileSync(join(directory, "quiver.ts"), "export const version = 3;");
      utimesSync(join(directory, "quiver.ts"), new Date(), new Date(Date.now() + 60_000));
      await build();
      expect(notes()).toEqual([]);
    });
  });

  test("leaves other content to others where they build too", async () => {
    const first = await buildChild({ ...options(), isShared: true });
    const entry = join(directory, "other.ts");
    writeFileSync(entry, "console.log(2);");
    const second = await buildChild({ ...options(), entry, isShared: true });
    expect(second.modulesDir).not.toBe(first.modulesDir);
    expect([first, second].map((built) => existsSync(built.entry))).toEqual([true, true]);
  });

  test("builds other content in its place", async () => {
    const source = join(directory, "quiver.ts");
    writeFileSync(source, "export const version = 1;");
    const entry = join(directory, "main.ts");
    writeFileSync(entry, `import { version } from "./quiver.ts"; console.log(version);`);
    const build = () =>
      buildChild({ cacheDir: join(directory, "cache"), entry, modules: { quiver: source } });
    const first = await build();
    writeFileSync(source, "export const version = 2;");
    const second = await build();
    expect(second.entry).not.toBe(first.entry);
    expect(existsSync(second.entry)).toBe(true);
    expect(existsSync(first.modulesDir)).toBe(false);
  });

  test("leaves one whole build when several start at once", async () => {
    const builds = await Promise.all([1, 2, 3].map(() => buildChild(options())));
    expect(new Set(builds.map((built) => built.entry)).size).toBe(1);
    const left = readdirSync(join(directory, "cache")).filter((name) => name.startsWith("child-"));
    expect(left).toHaveLength(1);
  });

  test("says what does not compile, and leaves nothing", async () => {
    const entry = join(directory, "main.ts");
    writeFileSync(entry, `import "./absent.ts";`);
    await expect(buildChild({ ...options(), entry })).rejects.toThrow(/Could not resolve "\.\/absent\.ts"/);
    expect(existsSync(join(directory, "cache"))).toBe(false);
  });

  test("builds the program that runs functions, which describes one", async () => {
    const built = await buildChild({ cacheDir: join(directory, "cache") });
    const codeDir = join(directory, "code");
    const launcher = await createLauncher({
      built,
      cacheDir: join(directory, "cache"),
      outRoot: join(directory, "out"),
      access: { readDirs: [], codeDirs: [codeDir] },
    });
    const module = join(codeDir, "doubled.js");
    writeFileSync(
      module,
      `import { defineFeature, float64 } from "quiver";
       import { z } from "zod";
       export default defineFeature({
         description: "twice the close",
         inputs: { bars: { close: float64 } },
         params: z.object({ factor: z.number().default(2) }),
         outputs: { doubled: float64 },
         handler({ bars }, out, { params }) {
           for (let row = 0; row < bars.close.length; row++) out.doubled[row] = params.factor * bars.close[row];
         },
       });`,
    );
    const child = createReusable({ launcher });
    try {
      const outcome = await child.run({ type: "describe", module });
      expect(outcome).toMatchObject({ kind: "ok", reply: { description: "twice the close" } });
    } finally {
      await child.close();
      await launcher.close();
    }
  });
});
