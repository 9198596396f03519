import { basename } from "node:path";
import { expect, test } from "vitest";
import { runtimeFacts } from "../../runtime/platform/runtime-facts.ts";
import { projectFiles } from "./source-files.ts";

const files = projectFiles();
const code = files.filter(({ path }) => /\.(ts|mjs)$/.test(path));

/** Near 300 lines look for the second noun; beyond this there is one. Tables of data may be as long as they are. */
const LINES_MAX = 400;
const LONG_ON_PURPOSE: readonly string[] = [];

/** Written in two halves, so that this file is not its own finding. */
const FOREIGN = [
  "registry.npm" + "js.org",
  "npm.js" + "r.io",
  "jsr" + ".io",
  "/wo" + "rk/",
  "/ro" + "ot/",
  "/home" + "/",
];

test("the suite runs on the runtime that the gate asked for", () => {
  const { name } = runtimeFacts();
  expect(process.env["EXPECTED_RUNTIME"] ?? name).toBe(name);
});

test("no file names a path or a host of the machine it was written on", () => {
  const found = files.flatMap(({ path, text }) =>
    FOREIGN.filter((word) => text.includes(word)).map((word) => `${path}: ${word}`),
  );
  expect(found).toEqual([]);
});

test("the lockfile records no download address", () => {
  const lock = files.find(({ path }) => path === "package-lock.json");
  expect(lock?.text).toContain('"lockfileVersion"');
  expect(lock?.text).not.toContain('"resolved"');
});

test("the lockfile knows the packages of every platform, or npm ci would refuse it", () => {
  const lock = JSON.parse(files.find(({ path }) => path === "package-lock.json")?.text ?? "{}") as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const wanted = Object.entries(lock.packages).flatMap(([where, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => [
      `node_modules/${name}`,
      `${where}/node_modules/${name}`,
    ]),
  );
  // Missing? "node test/support/complete-lockfile.mjs" adds them.
  expect(
    wanted.filter((places) => !places.some((place) => place in lock.packages)).map(([place]) => place),
  ).toEqual([]);
});

test("packages are pinned to one version", () => {
  const manifest: unknown = JSON.parse(files.find(({ path }) => path === "package.json")?.text ?? "{}");
  const versions = Object.entries({
    ...(Reflect.get(Object(manifest), "dependencies") as Record<string, string>),
    ...(Reflect.get(Object(manifest), "devDependencies") as Record<string, string>),
  });
  expect(versions.length).toBeGreaterThan(10);
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version))).toEqual([]);
});

test("no test is singled out or left for later", () => {
  const found = code
    .filter(({ path }) => path.startsWith("test/"))
    .filter(({ text }) => /\b(test|it|describe)(\.\w+)*\.(only|todo)\b/.test(text))
    .map(({ path }) => path);
  expect(found).toEqual([]);
});

test("types are not switched off", () => {
  const patterns = [/@ts-(ignore|expect-error|nocheck)/, /\bas any\b/, /:\s*any\b(?!\w)/];
  const found = code
    .filter(
      ({ path }) =>
        path.endsWith(".ts") && !path.startsWith("test/tidy/") && !path.endsWith(".types.test.ts"),
    )
    .filter(({ text }) =>
      patterns.some((pattern) =>
        pattern.test(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$|`[^`]*`|"[^"\n]*"/gm, "")),
      ),
    )
    .map(({ path }) => path);
  expect(found).toEqual([]);
});

test("files are named in kebab case and stay readable in length", () => {
  const misnamed = code.filter(
    ({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.(ts|mjs)$/.test(basename(path)),
  );
  expect(misnamed.map(({ path }) => path)).toEqual([]);
  const long = code
    .filter(({ path }) => !path.startsWith("test/") && !LONG_ON_PURPOSE.includes(path))
    .map(({ path, text }) => ({ path, lines: text.split("\n").length }))
    .filter(({ lines }) => lines > LINES_MAX);
  expect(long).toEqual([]);
});
