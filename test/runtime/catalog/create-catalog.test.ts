import { mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleFunction, isFresh } from "../../../runtime/catalog/bundle-function.ts";
import { createCatalog } from "../../../runtime/catalog/create-catalog.ts";
import { originalStack } from "../../../runtime/catalog/original-stack.ts";
import { stampOf } from "../../../runtime/process/source-stamp.ts";
import { spoolPaths } from "../../../runtime/spool-paths.ts";
import { makeMarket } from "../../support/function-market.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

let functions: OpenedFunctions;
beforeAll(async () => {
  functions = await openFunctions({
    fill: makeMarket,
    environment: { FIXTURE_TOKEN: "12345", FIXTURE_SECRET: "s" },
  });
});
afterAll(() => functions.close());

const source = (value: string, more = "") => `import { defineFeature, float64 } from "quiver";
import { helper } from "./helper.ts";
export default defineFeature({
  description: "${value}",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  handler(_, out) { out.x.fill(helper(${value})); },
});
${more}`;

const valueOf = async (name: string) =>
  (await functions.invoke({ function: name, symbols: ["S000001"] })).columns["x"]?.[0];
const fingerprintOf = async (name: string) => (await functions.parts.catalog.get(name)).codeFingerprint;

async function refusal(name: string): Promise<string> {
  const error: unknown = await functions.parts.catalog.get(name).catch((e: unknown) => e);
  return error instanceof Error && "code" in error
    ? `${String(error.code)}: ${error.message}`
    : String(error);
}

describe("an edit is live on the next call:", () => {
  test("of a function, of a module it imports, and a new function", async () => {
    functions.write("edited/helper.ts", "export const helper = (x: number) => x * 10;");
    functions.write("edited/index.ts", source("1"));
    expect(await valueOf("edited")).toBe(10);
    functions.write("edited/index.ts", source("2"));
    expect(await valueOf("edited")).toBe(20);
    functions.write("edited/helper.ts", "export const helper = (x: number) => x * 100;");
    expect(await valueOf("edited")).toBe(200);
    expect((await functions.parts.catalog.get("edited")).description.description).toBe("2");
  });

  test("fast ones too, each with what stands in the file then", async () => {
    functions.write("edited/helper.ts", "export const helper = (x: number) => x;");
    for (let value = 1; value <= 5; value++) {
      functions.write("edited/index.ts", source(String(value)));
      expect(await valueOf("edited")).toBe(value);
    }
  });

  test("a folder that is gone is unknown", async () => {
    functions.write("gone/helper.ts", "export const helper = (x: number) => x;");
    functions.write("gone/index.ts", source("1"));
    expect(await valueOf("gone")).toBe(1);
    rmSync(join(functions.functionsDir, "gone"), { recursive: true });
    expect(await refusal("gone")).toMatch(
      /^unknown-function: Cannot find the function "gone": there are adjusted-bars, /,
    );
  });
});

describe("a code fingerprint", () => {
  test("does not change with a comment, layout or an unused export, and does with code", async () => {
    functions.write("marked/helper.ts", "export const helper = (x: number) => x;");
    functions.write("marked/index.ts", source("1"));
    const before = await fingerprintOf("marked");
    functions.write("marked/index.ts", source("1", "// a comment\n\n\nexport const unused = 2;"));
    functions.write("marked/helper.ts", "/** Words. */\nexport const helper = (x: number) =>\n  x;");
    expect(await fingerprintOf("marked")).toBe(before);
    functions.write("marked/helper.ts", "export const helper = (x: number) => x + 0;");
    expect(await fingerprintOf("marked")).not.toBe(before);
  });

  test("changes with a kernel for exactly those that use it", async () => {
    // A project of its own, whose kernels can be edited.
    const projectDir = join(functions.functionsDir, "..", "project");
    const write = (path: string, text: string) => {
      mkdirSync(join(projectDir, path, ".."), { recursive: true });
      writeFileSync(join(projectDir, path), text);
    };
    write("shared/contract/index.ts", "export const defineFeature = (x: unknown) => x;");
    write("shared/kernels/index.ts", 'export { one } from "./one.ts";\nexport { two } from "./two.ts";');
    write("shared/kernels/one.ts", "export const one = () => 1;");
    write("shared/kernels/two.ts", "export const two = () => 2;");
    for (const name of ["one", "two"]) {
      write(
        `functions/${name}/index.ts`,
        `import { ${name} } from "quiver/kernels";\nimport { defineFeature } from "quiver";\nexport default defineFeature(${name});`,
      );
    }
    const settings = {
      projectDir,
      functionsDir: join(projectDir, "functions"),
      codeDir: join(projectDir, "code"),
    };
    const bundle = (name: string) => bundleFunction(join(settings.functionsDir, name, "index.ts"), settings);
    const before = [await bundle("one"), await bundle("two")];
    write("shared/kernels/one.ts", "export const one = () => 1.5;");
    const after = [await bundle("one"), await bundle("two")];
    expect(after[0]!.codeFingerprint).not.toBe(before[0]!.codeFingerprint);
    expect(after[1]!.codeFingerprint).toBe(before[1]!.codeFingerprint);
    expect(isFresh(before[0]!)).toBe(false);
  });

  // Under a server that went on running, a publish after an edit to a kernel named the new code and computed with the old.
  test("of a kernel after the children's program was built: the functions it reaches bring their own", async () => {
    const projectDir = join(functions.functionsDir, "..", "edited-kernels");
    const write = (path: string, contents: string) => {
      mkdirSync(join(projectDir, path, ".."), { recursive: true });
      writeFileSync(join(projectDir, path), contents);
      return join(projectDir, path);
    };
    const kernels = [
      write(
        "shared/kernels/index.ts",
        'export { one } from "./one.ts";\nexport { two } from "./two.ts";\nexport { three } from "./three.ts";',
      ),
      write("shared/kernels/one.ts", "export const one = () => 1;"),
      write("shared/kernels/two.ts", "export const two = () => 2;"),
      write(
        "shared/kernels/three.ts",
        'import { one } from "./one.ts";\nexport const three = () => one() + 2;',
      ),
      write("shared/contract/index.ts", "export const defineFeature = (value: () => number) => value();"),
    ];
    const names = ["one", "two", "three"];
    for (const name of names) {
      write(
        `functions/${name}/index.ts`,
        `import { ${name} } from "quiver/kernels";\nimport { defineFeature } from "quiver";\nexport default defineFeature(${name});`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 60));
    const stamps = kernels.map((path) => stampOf(path, Date.now()));
    const settings = {
      projectDir,
      functionsDir: join(projectDir, "functions"),
      codeDir: join(projectDir, "code"),
      childSources: () => stamps,
    };
    const bundles = () =>
      Promise.all(
        names.map((name) => bundleFunction(join(settings.functionsDir, name, "index.ts"), settings)),
      );
    const refers = ({ module }: { module: string }) =>
      readFileSync(module, "utf8").includes('from "quiver/kernels"');
    expect((await bundles()).map(refers)).toEqual([true, true, true]);
    write("shared/kernels/one.ts", "export const one = () => 1.5;");
    const edited = await bundles();
    expect(edited.map(refers)).toEqual([false, true, false]);
    const valueOfModule = async (module: string) =>
      ((await import(pathToFileURL(module).href)) as { default: unknown }).default;
    expect(await valueOfModule(edited[0]!.module)).toBe(1.5);
    expect(await valueOfModule(edited[2]!.module)).toBe(3.5);
  });
});

describe("a bundle", () => {
  test("of files written a moment ago is made again, since more may have been written meanwhile", async () => {
    functions.write("young/helper.ts", "export const helper = (x: number) => x;");
    functions.write("young/index.ts", source("1"));
    const settings = {
      projectDir: join(import.meta.dirname, "../../.."),
      functionsDir: functions.functionsDir,
      codeDir: join(functions.functionsDir, "..", "code"),
    };
    const entry = join(functions.functionsDir, "young", "index.ts");
    // However long the bundler takes to get to it.
    utimesSync(entry, new Date(), new Date(Date.now() + 60_000));
    expect(isFresh(await bundleFunction(entry, settings))).toBe(false);
    utimesSync(entry, new Date(), new Date());
    await new Promise((resolve) => setTimeout(resolve, 60));
    const settled = await bundleFunction(entry, settings);
    expect(isFresh(settled)).toBe(true);
    functions.write("young/helper.ts", "export const helper = (x: number) => x + 1;");
    expect(isFresh(settled)).toBe(false);
  });

  test("looks at a package's package.json for changes, not at each of its files", async () => {
    functions.write(
      "uses-package/index.ts",
      'import { Table } from "apache-arrow";\nexport default { shape: "table", params: {}, definition: { handler: () => new Table() } };',
    );
    const { sources } = await bundleFunction(join(functions.functionsDir, "uses-package", "index.ts"), {
      projectDir: join(import.meta.dirname, "../../.."),
      functionsDir: functions.functionsDir,
      codeDir: join(functions.functionsDir, "..", "code"),
    });
    const packaged = sources.filter(({ path }) => path.includes("node_modules"));
    expect(packaged.map(({ path }) => path.split("node_modules/").at(-1))).toContain(
      "apache-arrow/package.json",
    );
    expect(packaged.every(({ path }) => path.endsWith("/package.json"))).toBe(true);
    rmSync(join(functions.functionsDir, "uses-package"), { recursive: true });
  });

  test("rests on the kernels that the function reaches, and on no other", async () => {
    const projectDir = join(import.meta.dirname, "../../..");
    const functionsDir = join(projectDir, "functions");
    const codeDir = join(functions.functionsDir, "..", "code");
    const entry = join(functionsDir, "returns", "index.ts");
    const { fileHashes } = await bundleFunction(entry, { projectDir, functionsDir, codeDir });
    const kernels = Object.keys(fileHashes).flatMap((path) => path.split("/shared/kernels/")[1] ?? []);
    expect(kernels).toEqual([
      "arguments.ts",
      "math/float-bits.ts",
      "math/log-series.ts",
      "math/log.ts",
      "returns/log-return.ts",
      "returns/simple-return.ts",
    ]);
  });

  test("whose map is gone leaves a stack as it is", () => {
    const stack = "Error: no\n    at f (file:///nowhere/a.mjs:1:2)";
    expect(originalStack(stack, "/nowhere/a.mjs")).toBe(stack);
  });
});

describe("a function cannot be used", () => {
  test("that is a symbolic link, or whose file is one", async () => {
    symlinkSync(join(functions.functionsDir, "returns"), join(functions.functionsDir, "linked"));
    mkdirSync(join(functions.functionsDir, "half-linked"));
    symlinkSync(
      join(functions.functionsDir, "returns", "index.ts"),
      join(functions.functionsDir, "half-linked", "index.ts"),
    );
    for (const name of ["linked", "half-linked"]) {
      expect(await refusal(name)).toBe(
        `function-invalid: Cannot use functions/${name}: it is a symbolic link, expected a folder with a file index.ts. Copy it here.`,
      );
    }
  });

  test("whose name is no name", async () => {
    functions.write("My_Function/index.ts", "export default 1;");
    expect(await refusal("My_Function")).toBe(
      "function-invalid: Cannot use functions/My_Function: expected a name of lower-case letters, digits and hyphens " +
        "after a first letter. Rename the folder.",
    );
    expect(await refusal("../functions/returns")).toMatch(/^(unknown-function|function-invalid): /);
  });

  test("with a syntax error, told by file and line", async () => {
    functions.write(
      "typo/index.ts",
      'import { defineFeature } from "quiver";\n\nexport default defineFeature({ description: "x" inputs });',
    );
    expect(await refusal("typo")).toBe(
      'function-invalid: Cannot load typo/index.ts: Expected "}" but found "inputs" at line 3.',
    );
    functions.write("typo/index.ts", 'import "./other.ts";\nexport default 1;');
    functions.write("typo/other.ts", "const x: number = ;");
    expect(await refusal("typo")).toBe(
      'function-invalid: Cannot load typo/index.ts: Unexpected ";" at line 1 of typo/other.ts.',
    );
  });

  test("that imports what is not there", async () => {
    functions.write("misses/index.ts", 'import "./nothing.ts";\nexport default 1;');
    expect(await refusal("misses")).toBe(
      'function-invalid: Cannot load misses/index.ts: Could not resolve "./nothing.ts" at line 1.',
    );
  });

  test("whose module never ends loading, and the others are there all the same", async () => {
    functions.write("waits/index.ts", "await new Promise(() => {});\nexport default 1;");
    // Deno ends a process whose module waits for nothing; Bun says that nothing is left that could settle it.
    expect(await refusal("waits")).toMatch(/^(contract-broken|function-exited): The function "waits" /);
    rmSync(join(functions.functionsDir, "waits"), { recursive: true });
  });

  test("is listed as broken beside those that can", async () => {
    const { functions: usable, broken } = await functions.parts.catalog.list();
    expect(usable.map((entry) => entry.name)).toContain("rsi-macd");
    // More functions than processes are kept for: none of them is ended while it describes itself.
    expect(usable.length).toBeGreaterThan(15);
    expect(broken.map((entry) => entry.name)).toEqual([
      "My_Function",
      "cycle-a",
      "cycle-b",
      "half-linked",
      "linked",
      "misses",
      "reads-text",
      "typo",
    ]);
    expect(broken[5]!.error.message).toContain('Could not resolve "./nothing.ts"');
  });
});

describe("environment", () => {
  test("has the variables a function declares and no others", async () => {
    const { columns } = await functions.invoke({ function: "reads-environment", symbols: ["S000001"] });
    expect(columns).toMatchObject({ declared: [5], seen: [0] });
    expect(JSON.stringify(functions.records.at(-1))).not.toContain("12345");
    const plan = await functions.parts.invoker.explain({ function: "reads-environment" });
    expect(JSON.stringify(plan)).not.toContain("12345");
  });

  test("that is not set is refused by name", async () => {
    functions.write(
      "needs-more/index.ts",
      `import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "needs what is not there", inputs: { bars: { close: float64 } }, outputs: { x: float64 },
  environment: ["FIXTURE_TOKEN", "FIXTURE_NOT_SET"], handler() {},
});`,
    );
    await expect(valueOf("needs-more")).rejects.toMatchObject({
      code: "environment-missing",
      message:
        'Cannot run "needs-more": it needs the environment variable FIXTURE_NOT_SET, which is not set. ' +
        "Set it and restart Quiver.",
    });
  });
});

describe("what a function said of itself", () => {
  test("is known to the next process without running it, refusals too", async () => {
    const { catalog } = functions.parts;
    const entry = await catalog.get("rsi-macd");
    const resolved = await catalog.resolve(entry, { period: 7 });
    await expect(catalog.resolve(entry, { period: 1 })).rejects.toThrow('"period"');
    const later = createCatalog({
      functionsDir: functions.functionsDir,
      projectDir: fileURLToPath(new URL("../../../", import.meta.url)),
      codeDir: spoolPaths(functions.dataDir).code,
      environment: {},
      createResolver() {
        throw new Error("A process was started");
      },
    });
    const known = await later.get("rsi-macd");
    expect(known).toEqual(entry);
    expect(await later.resolve(known, { period: 7 })).toEqual(resolved);
    await expect(later.resolve(known, { period: 1 })).rejects.toThrow('"period"');
    await expect(later.resolve(known, { period: 8 })).rejects.toThrow("A process was started");
    await later.close();
  });
});
