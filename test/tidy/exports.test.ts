import { expect, test } from "vitest";
import { projectFiles } from "./source-files.ts";

const files = projectFiles().filter(({ path }) => path.endsWith(".ts"));
const words = new Map(files.map(({ path, text }) => [path, new Set(text.match(/\w+/g))]));

/** Authors and packages outside the project import from these folders. */
const PUBLIC = /^(shared\/(client|contract|errors|kernels|testing|time)|runtime\/embed)\//;

test("no exported name is unused, or used by tests alone", () => {
  const unused = exportsOf("function\\*?|const|class|interface|type")
    .filter(({ name, path, text }) => !isUsedIn(text, name) && !isNamed(name, path, /^(?!test\/)/))
    .map(({ name, path }) => `${path}: ${name}`);
  expect(unused).toEqual([]);
});

test("a value that only its own file uses is not exported, unless a test needs it", () => {
  const inward = exportsOf("function\\*?|const|class")
    .filter(({ name, path }) => !isNamed(name, path, /./))
    .map(({ name, path }) => `${path}: ${name}`);
  expect(inward).toEqual([]);
});

function exportsOf(kinds: string): { name: string; path: string; text: string }[] {
  const pattern = new RegExp(`^export (?:async )?(?:${kinds}) (\\w+)`, "gm");
  return files
    .filter(({ path }) => /^(runtime|shared)\//.test(path) && !PUBLIC.test(path))
    .flatMap(({ path, text }) =>
      Array.from(text.matchAll(pattern), ([, name = ""]) => ({ name, path, text })),
    );
}

/** Whether the file that declares a name mentions it again. */
function isUsedIn(text: string, name: string): boolean {
  return text.split(new RegExp(`\\b${name}\\b`)).length > 2;
}

/** Whether another file mentions a name. */
function isNamed(name: string, by: string, where: RegExp): boolean {
  return files.some(({ path }) => path !== by && where.test(path) && words.get(path)?.has(name) === true);
}
