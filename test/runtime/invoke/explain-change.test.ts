import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PublishRequest } from "../../../shared/protocol/invocation.ts";
import { runtimeFacts } from "../../../runtime/platform/runtime-facts.ts";
import { findFeatureSet } from "../../../runtime/store/feature-sets.ts";
import type { Manifest } from "../../../runtime/store/manifest.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

let functions: OpenedFunctions;

const feature = (
  inputs: string,
  more = "",
) => `import { defineFeature, float64, fromDataset, fromFunction } from "quiver";
import { z } from "zod";
export default defineFeature({ description: "For a test", ${more} inputs: { ${inputs} }, outputs: { x: float64 },
  handler(_, out) { out.x.fill(1); } });\n`;
const of = (name: string) => `u: fromFunction("${name}", { columns: { x: float64 } })`;

const fill = (name: string, seed: number, dataDir = functions.dataDir) =>
  makeDataset({
    dataDir,
    name,
    columns: DAILY_COLUMNS,
    files: [dailyBarsSql({ symbolCount: 3, dayCount: 20, seed })],
  });

beforeAll(async () => {
  functions = await openFunctions({
    fill: async (dataDir) => {
      for (const name of ["demo", "other", "third"]) await fill(name, 1, dataDir);
    },
  });
  functions.write(
    "base/index.ts",
    feature("u: { close: float64 }", "params: z.object({ times: z.int().default(2) }),"),
  );
  functions.write(
    "matched/index.ts",
    feature('u: { close: float64 }, v: fromDataset("other", { columns: { close: float64 } })'),
  );
  functions.write("second/index.ts", feature(of("matched")));
  functions.write("across/index.ts", feature(of("second"), 'partition: "date",'));
});
afterAll(() => functions.close());

const why = async (request: PublishRequest) => {
  const { changes, isCurrent } = await functions.parts.invoker.why({ dataset: "demo", ...request });
  return isCurrent ? "nothing" : changes;
};

describe("why of what was published with parameters and a selection", () => {
  const request = {
    function: "base",
    dataset: "demo",
    as: "some",
    params: { times: 5 },
    symbols: ["S000001", "S000002"],
    from: "2024-01-03",
    to: "2024-01-12",
    asOf: "2024-01-10",
    inputs: { u: { dataset: "demo" } },
  };
  beforeAll(async () => {
    await functions.publish(request);
  });

  test("asks for the same again where nothing else is named", async () => {
    expect(await why({ function: "base", as: "some" })).toBe("nothing");
  });

  test("tells what is named and is other", async () => {
    const other = {
      params: { times: 3 },
      symbols: ["S000001"],
      from: "2024-01-02",
      to: "2024-01-13",
      asOf: "2024-01-11",
    };
    expect(await why({ function: "base", as: "some", ...other })).toEqual([
      'The parameter "times" was 5, would be 3.',
      "The selection of symbols was S000001, S000002, would be S000001.",
      "`asOf` was 2024-01-10, would be 2024-01-11.",
      "`from` was 2024-01-03, would be 2024-01-02.",
      "`to` was 2024-01-12, would be 2024-01-13.",
    ]);
  });

  test("knows an input that was bound to something else than is declared", async () => {
    const inputs = { v: { dataset: "third" } };
    await functions.publish({ function: "matched", dataset: "demo", as: "bound", inputs });
    expect(await why({ function: "matched", as: "bound" })).toBe("nothing");
    expect(await why({ function: "matched", as: "bound", inputs: { v: { dataset: "other" } } })).toEqual([
      'The input "v" was {"dataset":"third"}, would be {"dataset":"other"}.',
    ]);
  });
});

// Bindings were dropped once the code was other, and reported as a change of their own.
describe("why of what was published with a binding, after its code was edited", () => {
  const source = feature('u: { close: float64 }, v: fromDataset("other", { columns: { close: float64 } })');
  const EDITED = ["The code of rebound has changed: rebound/index.ts was edited since."];

  beforeAll(async () => {
    functions.write("rebound/index.ts", source);
    const inputs = { v: { dataset: "third" } };
    await functions.publish({ function: "rebound", dataset: "demo", as: "kept", inputs });
    const upstream = { v: { function: "base", params: { times: 7 } } };
    functions.write("read/index.ts", feature('v: fromFunction("base", { columns: { x: float64 } })'));
    await functions.publish({ function: "read", dataset: "demo", as: "kept-upstream", inputs: upstream });
    functions.write("rebound/index.ts", source.replace("fill(1)", "fill(2)"));
  });

  test("names the code alone", async () => {
    expect(await why({ function: "rebound", as: "kept" })).toEqual(EDITED);
  });

  test("asks with the parameters that were bound, of the function that is declared too", async () => {
    expect(await why({ function: "read", as: "kept-upstream" })).toBe("nothing");
  });

  test("names an input that the new code reads from elsewhere, and that was not bound", async () => {
    await functions.publish({ function: "rebound", dataset: "demo", as: "unbound" });
    functions.write("rebound/index.ts", source.replace('"other"', '"third"'));
    expect(await why({ function: "rebound", as: "unbound" })).toEqual([
      'The input "v" was {"dataset":"other"}, would be {"dataset":"third"}.',
      ...EDITED,
    ]);
  });

  test("takes the bindings of a version that does not record which inputs were bound as they were", async () => {
    changeManifest("kept", ({ lineage, ...manifest }) => {
      const { bound: _, ...before } = lineage;
      return { ...manifest, lineage: before };
    });
    functions.write("rebound/index.ts", source.replace("fill(1)", "fill(2)"));
    expect(await why({ function: "rebound", as: "kept" })).toEqual(EDITED);
  });
});

// A checkout of the same content, or an edited comment, made a file one of those that were edited.
describe("why of what was published before files were edited", () => {
  const index = `import { two } from "./two.ts";\nimport { three } from "./three.ts";\n${feature("u: { close: float64 }").replace("fill(1)", "fill(two * three)")}`;
  const TWO = "export const two = [2].length;\n";
  const THREE = "// a word\nexport const three: number = [3].length;\n";
  const rewrite = (two: string, three: string) => {
    functions.write("files/index.ts", index);
    functions.write("files/two.ts", two);
    functions.write("files/three.ts", three);
  };
  beforeAll(async () => {
    rewrite(TWO, THREE);
    await functions.publish({ function: "files", dataset: "demo" });
  });

  test("says nothing where they were written anew with the same code", async () => {
    rewrite(TWO, THREE.replace("a word", "another word"));
    expect(await why({ function: "files" })).toBe("nothing");
  });

  test("names those whose code is other, and none that were written anew", async () => {
    rewrite(TWO.replace("[2]", "[2, 2]"), THREE.replace("a word", "another word"));
    expect(await why({ function: "files" })).toEqual([
      "The code of files has changed: files/two.ts was edited since.",
    ]);
    rewrite(TWO.replace("[2]", "[2, 2]"), THREE.replace("[3]", "[3, 3]"));
    expect(await why({ function: "files" })).toEqual([
      "The code of files has changed: files/three.ts, files/two.ts were edited since.",
    ]);
  });

  test("names those that may have been edited where the version does not record their code", async () => {
    changeManifest("files", ({ lineage, ...manifest }) => {
      const { datasets, functions: code } = lineage.sources ?? { datasets: {}, functions: {} };
      return { ...manifest, lineage: { ...lineage, sources: { datasets, functions: code } } };
    });
    rewrite(TWO.replace("[2]", "[2, 2]"), THREE);
    const later = new Date(Date.now() + 60_000);
    const earlier = new Date(Date.now() - 60_000);
    for (const name of ["index.ts", "two.ts"])
      utimesSync(join(functions.functionsDir, "files", name), later, later);
    utimesSync(join(functions.functionsDir, "files", "three.ts"), earlier, earlier);
    expect(await why({ function: "files" })).toEqual([
      "The code of files has changed: files/index.ts, files/two.ts may have been edited since.",
    ]);
  });
});

/** Writes the manifest of the current version as an older Quiver would have. */
function changeManifest(name: string, change: (manifest: Manifest) => Manifest): void {
  const current = findFeatureSet(functions.dataDir, "demo", name, "feature")?.current ?? "";
  const path = join(functions.dataDir, "demo", "features", name, current, "manifest.json");
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")) as Manifest)));
}

describe("why of what reads functions only", () => {
  beforeAll(async () => {
    await functions.publish({ function: "across", dataset: "demo" });
  });

  test("says nothing while nothing has changed", async () => {
    expect(await why({ function: "across" })).toBe("nothing");
  });

  test("names the function whose code has changed further up", async () => {
    functions.write(
      "matched/index.ts",
      `// a word\n${feature('u: { close: float64 }, v: fromDataset("other", { columns: { close: float64 } })').replace("fill(1)", "fill(2)")}`,
    );
    expect(await why({ function: "across" })).toEqual([
      "The code of matched, further up, has changed: matched/index.ts was edited since.",
    ]);
    await functions.publish({ function: "across", dataset: "demo" });
    expect(await why({ function: "across" })).toBe("nothing");
  });

  test("names each dataset that has changed further up, and who reads it", async () => {
    await fill("other", 2);
    expect(await why({ function: "across" })).toEqual([
      "The dataset other, which matched reads further up, has changed.",
    ]);
    await fill("demo", 2);
    expect(await why({ function: "across" })).toEqual([
      "The dataset demo, which matched reads further up, has changed.",
      "The dataset other, which matched reads further up, has changed.",
    ]);
    expect(await why({ function: "base", as: "some" })).toEqual([
      "The dataset demo, which the input u reads, has changed.",
    ]);
  });

  test("records all that a version rests on in its lineage", async () => {
    const { manifest } = await functions.publish({ function: "across", dataset: "demo" });
    const entries = await Promise.all(
      ["across", "matched", "second"].map((name) => functions.parts.catalog.get(name)),
    );
    const versions = ["demo", "other"].map((name) => [
      name,
      functions.parts.datasets.get(name).record.fingerprint,
    ]);
    expect(manifest.lineage.sources).toEqual({
      datasets: Object.fromEntries(versions),
      functions: Object.fromEntries(entries.map(({ name, codeFingerprint }) => [name, codeFingerprint])),
      files: Object.fromEntries(
        entries.map(({ name }) => [
          name,
          // Beside the contract, which is code of every function.
          expect.objectContaining({ [`${name}/index.ts`]: expect.stringMatching(/^[0-9a-f]{32}$/) }),
        ]),
      ),
    });
    expect(Object.keys(manifest.lineage.runtime)).toEqual([runtimeFacts().name]);
  });
});
