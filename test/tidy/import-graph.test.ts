import { expect, test } from "vitest";
import { projectFiles } from "./source-files.ts";

const files = projectFiles().filter(({ path }) => /\.(ts|mjs)$/.test(path));

/**
 * Who may import what, by folder; the first pattern that fits a file decides. `here` is the folder the pattern names.
 * A child meets the server in plain data only: messages, and the few names that both sides must spell alike.
 */
const RULES: readonly (readonly [from: RegExp, to: readonly RegExp[]])[] = [
  [/^functions\/([^/]+)\//, [/^shared\/(contract|kernels)\/index\.ts$/, /^functions\/$1\//]],
  [/^shared\/(contract|errors)\//, [/^shared\/$1\//]],
  [/^shared\/kernels\//, [/^shared\/(kernels|contract|time)\//]],
  // What it takes from the runtime are types, which are not there when it runs: a test below holds it to that.
  [/^shared\/client\//, [/^shared\/(client|contract|errors|protocol)\//, /^runtime\//]],
  [/^shared\//, [/^shared\/(?!client\/)/]],
  [/^runtime\/platform\//, [/^runtime\/platform\//, /^shared\//]],
  [/^runtime\/child\//, [/^runtime\/(child|platform)\//, /^shared\//]],
  [/^runtime\/concurrency\//, [/^runtime\/concurrency\//, /^shared\//]],
  [
    /^runtime\/(import|sql|formats)\//,
    [/^runtime\/(import|sql|formats|engine|store|platform|load)\//, /^shared\//],
  ],
  [
    /^runtime\/training\/join\//,
    [/^runtime\/(training|import|sql|formats|engine|store|load)\//, /^shared\//],
  ],
  [/^runtime\/check\/probe\//, [/^runtime\/check\/probe\//, /^shared\//]],
  [/^runtime\/cli\/.*\.mjs$/, [/^runtime\/cli\/.*\.mjs$/]],
  [/^runtime\//, [/^runtime\//, /^shared\//]],
  [/^docs\//, [/^(shared\/(contract|kernels|client)|runtime\/embed)\/index\.ts$/]],
  [/^test\//, [/./]],
  [/^[^/]+$/, [/./]],
];

/** Where engine processes and children start: their only importers are processes. */
const PROCESS_SIDE = /^runtime\/(child|import|sql|(training\/join|check\/probe))\//;

/** What both sides of an engine's socket know. */
const NEUTRAL = [
  /^runtime\/formats\/media-types\.ts$/,
  /^runtime\/child\/child-context\.ts$/,
  // The modes of probes, which both sides must spell alike.
  /^runtime\/check\/probe\/probe-modes\.ts$/,
];

const isPackage = (target: string) => !/^(functions|shared|runtime|test)\//.test(target);

test("imports point in the directions that ARCHITECTURE.md allows", () => {
  const wrong = files.flatMap(({ path, imports }) => {
    const rule = RULES.find(([from]) => from.test(path));
    const match = rule?.[0].exec(path);
    const allowed = (rule?.[1] ?? []).map((to) => new RegExp(to.source.replaceAll("$1", match?.[1] ?? "")));
    return imports
      .filter((target) => !isPackage(target) && !allowed.some((to) => to.test(target)))
      .map((target) => `${path} -> ${target}`);
  });
  expect(wrong).toEqual([]);
});

test("every relative import names a file that is there", () => {
  const missing = files.flatMap(({ path, imports }) =>
    imports.filter((target) => target.startsWith("missing: ")).map((target) => `${path} -> ${target}`),
  );
  expect(missing).toEqual([]);
});

test("the server's side does not import what runs inside children", () => {
  const serverSide = files.filter(({ path }) =>
    /^runtime\/(app|main|wire|settings|routes|cli|embed|jobs|schedule|catalog|plan|invoke|results|collect|incremental|process|store|(load|training)\/[^/]+$|check\/(?!probe))/.test(
      path,
    ),
  );
  const wrong = serverSide.flatMap(({ path, imports }) =>
    imports
      .filter((target) => PROCESS_SIDE.test(target) && !NEUTRAL.some((neutral) => neutral.test(target)))
      .map((target) => `${path} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("the client runs without the runtime: in a browser there is none", () => {
  const client = files.filter(({ path }) => path.startsWith("shared/client/"));
  const wrong = client.flatMap(({ path, needs }) =>
    needs.filter((target) => /^(runtime|node:)/.test(target)).map((target) => `${path} -> ${target}`),
  );
  expect(client.length).toBeGreaterThan(5);
  expect(wrong).toEqual([]);
});

test("nothing but tests imports functions, and nothing imports tests", () => {
  const wrong = files.flatMap(({ path, imports }) =>
    imports
      .filter(
        (target) =>
          /^(functions|test)\//.test(target) && !/^(test\/|functions\/|vitest\.config\.ts$)/.test(path),
      )
      .map((target) => `${path} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("there is no cycle of imports", () => {
  const graph = new Map(files.map(({ path, needs }) => [path, needs.filter((target) => !isPackage(target))]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
    if (done.has(path) || trail.includes(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  expect(cycles).toEqual([]);
});

test("Bun and Deno are spoken to in runtime/platform only", () => {
  const speaking = files
    .filter(({ path }) => !path.startsWith("runtime/platform/") && !path.startsWith("test/"))
    .filter(({ text }) => /\b(Bun|Deno)\.[a-z]/.test(withoutComments(text)))
    .map(({ path }) => path);
  expect(speaking).toEqual([]);
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$|"[^"\n]*"|`[^`]*`/gm, "");
}
