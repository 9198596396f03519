import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { bundleOnce } from "../../../runtime/catalog/kept-bundles.ts";
import { stampOf } from "../../../runtime/process/source-stamp.ts";

const root = mkdtempSync(join(tmpdir(), "quiver-kept-bundles-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let projectDir: string;
let count = 0;
const write = (path: string, contents: string) => {
  mkdirSync(join(projectDir, path, ".."), { recursive: true });
  writeFileSync(join(projectDir, path), contents);
};
const settings = (more: object = {}) => ({
  projectDir,
  functionsDir: join(projectDir, "functions"),
  codeDir: join(projectDir, "code"),
  ...more,
});
const entry = () => join(projectDir, "functions/one/index.ts");
/** What is kept of the only function; a test that changes it sees whether it is read. */
const keptFile = () => {
  const dir = join(projectDir, "code", "bundles");
  const [name = ""] = readdirSync(dir);
  return join(dir, name);
};
const pretend = (codeFingerprint: string) => {
  const kept = JSON.parse(readFileSync(keptFile(), "utf8")) as object;
  writeFileSync(keptFile(), JSON.stringify({ ...kept, codeFingerprint }));
};
/** Files written a moment ago are bundled again. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 60));
const kernelPaths = () =>
  ["contract/index.ts", "kernels/index.ts", "kernels/one.ts"].map((path) => join(projectDir, "shared", path));

beforeEach(async () => {
  projectDir = join(root, String(++count));
  write("shared/contract/index.ts", "export const defineFeature = (value: unknown) => value;");
  write("shared/kernels/index.ts", 'export { one } from "./one.ts";');
  write("shared/kernels/one.ts", "export const one = () => 1;");
  write(
    "functions/one/index.ts",
    'import { one } from "quiver/kernels";\nimport { defineFeature } from "quiver";\nexport default defineFeature(one);',
  );
  await settle();
});

describe("bundleOnce()", () => {
  test("takes what an earlier process made of the same files", async () => {
    const { codeFingerprint, ...rest } = await bundleOnce(entry(), settings());
    expect(await bundleOnce(entry(), settings())).toEqual({ ...rest, codeFingerprint });
    pretend("kept");
    expect(await bundleOnce(entry(), settings())).toEqual({ ...rest, codeFingerprint: "kept" });
  });

  test("bundles again after an edit to the function, to a kernel, and when the module is gone", async () => {
    const before = await bundleOnce(entry(), settings());
    const fingerprints = [before.codeFingerprint];
    for (const [path, contents] of [
      ["functions/one/index.ts", 'import { one } from "quiver/kernels";\nexport default () => one();'],
      ["shared/kernels/one.ts", "export const one = () => 2;"],
    ] as const) {
      pretend("kept");
      write(path, contents);
      await settle();
      fingerprints.push((await bundleOnce(entry(), settings())).codeFingerprint);
    }
    expect(fingerprints).not.toContain("kept");
    expect(new Set(fingerprints).size).toBe(3);
    pretend("kept");
    const { module } = await bundleOnce(entry(), settings());
    rmSync(module);
    expect((await bundleOnce(entry(), settings())).codeFingerprint).toBe(fingerprints[2]);
  });

  test("keeps nothing of files that were written a moment ago", async () => {
    write("functions/one/index.ts", "export default () => 3;");
    // However long the bundler takes to get to it.
    utimesSync(entry(), new Date(), new Date(Date.now() + 60_000));
    await bundleOnce(entry(), settings());
    expect(() => readdirSync(join(projectDir, "code", "bundles"))).toThrow("ENOENT");
  });

  test("bundles again what is kept but not understood", async () => {
    const { codeFingerprint } = await bundleOnce(entry(), settings());
    for (const contents of ["", "{}", "null", '{"module":1,"codeFingerprint":"x","sources":[]}']) {
      writeFileSync(keptFile(), contents);
      expect((await bundleOnce(entry(), settings())).codeFingerprint).toBe(codeFingerprint);
    }
  });

  test("neither takes nor keeps what children do not hold as it is", async () => {
    const built = kernelPaths().map((path) => stampOf(path, Date.now()));
    const childSources = () => built;
    const refers = ({ module }: { module: string }) =>
      readFileSync(module, "utf8").includes('from "quiver/kernels"');
    expect(refers(await bundleOnce(entry(), settings({ childSources })))).toBe(true);
    write("shared/kernels/one.ts", "export const one = () => 4;");
    await settle();
    const own = await bundleOnce(entry(), settings({ childSources }));
    expect([own.bringsOwn, refers(own)]).toEqual([true, false]);
    // The next process builds its children from what is there now.
    const later = kernelPaths().map((path) => stampOf(path, Date.now()));
    const next = await bundleOnce(entry(), settings({ childSources: () => later }));
    expect([next.bringsOwn, refers(next), next.codeFingerprint]).toEqual([false, true, own.codeFingerprint]);
    // To this one it is of no use.
    expect(refers(await bundleOnce(entry(), settings({ childSources })))).toBe(false);
  });
});
