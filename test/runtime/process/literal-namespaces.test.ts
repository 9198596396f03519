import { runInThisContext } from "node:vm";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { literalNamespaces } from "../../../runtime/process/literal-namespaces.ts";

/** A module's namespace object, as esbuild makes it when it bundles. */
async function bundled(module: string, use: string): Promise<string> {
  const result = await build({
    stdin: { contents: `import * as space from "module"; ${use}`, loader: "js" },
    plugins: [
      {
        name: "one-module",
        setup(building) {
          building.onResolve({ filter: /^module$/ }, () => ({ path: "module", namespace: "text" }));
          building.onLoad({ filter: /.*/, namespace: "text" }, () => ({ contents: module, loader: "js" }));
        },
      },
    ],
    bundle: true,
    write: false,
    format: "esm",
    minifyWhitespace: true,
    minifySyntax: true,
  });
  return result.outputFiles[0]?.text ?? "";
}

/** What a program without imports leaves in `globalThis.seen`. */
function run(source: string): unknown {
  runInThisContext(`{${source}}`);
  return Reflect.get(globalThis, "seen");
}

test("literalNamespaces() gives the same objects, with live bindings, without defining properties one by one", async () => {
  const source = await bundled(
    `export let count = 0; export const raise = () => ++count; export { raise as "with-dash" }; export class A {}`,
    `space.raise(); globalThis.seen = [Object.keys(space), space.count, space["with-dash"](), space.count, "A" in space, typeof { ...space }.A];`,
  );
  expect(source).toContain("__export(");
  const faster = literalNamespaces(source);
  expect(faster).not.toMatch(/__export\(\w+_exports/);
  const expected = run(source);
  expect(expected).toEqual([["A", "count", "raise", "with-dash"], 1, 2, 2, true, "function"]);
  expect(run(faster)).toEqual(expected);
});

test("literalNamespaces() leaves alone what has another form", () => {
  for (const source of [
    "var a={};__export(a,{b:()=>c.d});",
    "var a={};__export(b,{c:()=>c});",
    "var a={};__export(a,{b:()=>({})});",
    "var a={};",
  ]) {
    expect(literalNamespaces(source)).toBe(source);
  }
});
