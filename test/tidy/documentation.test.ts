import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createProgram } from "../../runtime/cli/program.ts";
import { settingsWith } from "../support/settings-with.ts";
import { wire } from "../../runtime/wire.ts";
import { SHIPPED_FUNCTIONS } from "../support/shipped-functions.ts";
import { referenceTables } from "./reference-tables.ts";
import { ROOT } from "./source-files.ts";

const quiet = () => undefined;
const wired = wire({
  settings: settingsWith({}),
  holdsLock: false,
  version: "0",
  onAuthorOutput: quiet,
  onLog: quiet,
});
afterAll(() => wired.close());

/** The lines of a table, without its padding. */
const linesOf = (table = "") =>
  table
    .trim()
    .split("\n")
    .map((line) => line.replaceAll(/\s+|-{3,}/g, " "));

const readme = readFileSync(join(ROOT, "README.md"), "utf8");

test("the README's tables of routes, settings, error codes and exit codes match the source", () => {
  const tables = referenceTables(wired.app.routes);
  for (const [name, text] of Object.entries(tables)) {
    const start = `<!-- table: ${name} -->`;
    expect(readme).toContain(start);
    // If this fails, run "npm run docs".
    expect(linesOf(readme.slice(readme.indexOf(start) + start.length).split("<!-- end -->")[0])).toEqual(
      linesOf(text),
    );
  }
});

test("the README names every command", () => {
  const unused = () => {
    throw new Error("no command runs here");
  };
  const program = createProgram({ version: "0", context: unused }, quiet);
  const commands = program.commands.map((command) => command.name());
  expect(commands.length).toBeGreaterThan(8);
  expect(commands.filter((name) => !readme.includes(`quiver ${name}`))).toEqual([]);
});

test("the README names every shipped function", () => {
  const there = readdirSync(join(ROOT, "functions"));
  expect(SHIPPED_FUNCTIONS.filter((name) => !there.includes(name))).toEqual([]);
  expect(SHIPPED_FUNCTIONS.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test("a decision gives the reason for every dependency", () => {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const dependencies = Object.keys(Object(Reflect.get(Object(manifest), "dependencies")));
  const decisions = readdirSync(join(ROOT, "docs", "decisions"))
    .map((name) => readFileSync(join(ROOT, "docs", "decisions", name), "utf8"))
    .join("\n");
  expect(dependencies.filter((name) => !decisions.includes(`\`${name}\``))).toEqual([]);
});

test("ARCHITECTURE.md names every folder of the runtime", () => {
  const architecture = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
  const folders = ["runtime", "shared"].flatMap((parent) =>
    readdirSync(join(ROOT, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${parent}/${entry.name}`),
  );
  const names = (folder: string) => [folder, folder.slice(folder.indexOf("/") + 1)];
  const isNamed = (folder: string) => names(folder).some((name) => architecture.includes(`\`${name}\``));
  expect(folders.filter((folder) => !isNamed(folder))).toEqual([]);
});

/** Pages written by hand; those of the catalogue are made from the code. */
const pages = [
  "README.md",
  "ARCHITECTURE.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.startsWith("catalogue"))
    .map((name) => join("docs", name)),
].map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));

test("every file that the documentation names exists", () => {
  const named = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:runtime|shared|test|docs)\/[\w./-]+)`/g)].map(
      (match) => [path, match[1] ?? ""] as const,
    ),
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(([, name]) => !existsSync(join(ROOT, name)))).toEqual([]);
});

test("every link of the documentation leads to a file, and to a heading of it where it names one", () => {
  const links = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].map((match) => ({
      path,
      target: match[1] === "" ? join(ROOT, path) : join(ROOT, dirname(path), match[1] ?? ""),
      heading: match[2],
    })),
  );
  expect(links.length).toBeGreaterThan(40);
  const isBroken = ({ target, heading }: (typeof links)[number]) =>
    !existsSync(target) || (heading !== undefined && !headingsOf(target).includes(heading));
  expect(links.filter(isBroken)).toEqual([]);
});

test("every decision begins with its number, and stands in the list of decisions", () => {
  const decisions = pages.filter(({ path }) => /^docs.decisions.\d/.test(path));
  const index = readFileSync(join(ROOT, "docs", "decisions", "README.md"), "utf8");
  expect(decisions.length).toBeGreaterThan(15);
  const wrong = decisions.filter(({ path, text }) => {
    const name = basename(path);
    return !text.startsWith(`# ${name.slice(0, 4)}: `) || !index.includes(`[${name.slice(0, 4)}](${name})`);
  });
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

/** Anchors of a page's headings, as GitHub makes them. */
function headingsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}
