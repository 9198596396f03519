import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeMarket } from "../../support/function-market.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

const root = mkdtempSync(join(tmpdir(), "quiver-published-"));
const dataDir = join(root, "data");
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeAll(async () => {
  const functions = await openFunctions({ dataDir, fill: makeMarket });
  await functions.publish({ function: "returns" });
  expect(functions.parts.childrenStarted()).toBeGreaterThan(0);
  await functions.close();
});

/** In another process, as far as functions and children go. */
async function withFunctions(work: (functions: OpenedFunctions) => Promise<void>): Promise<void> {
  const functions = await openFunctions({ dataDir });
  try {
    await work(functions);
  } finally {
    await functions.close();
  }
}

describe("publish() of what was published by an earlier process", () => {
  test("finds the version and starts no child", async () => {
    await withFunctions(async (functions) => {
      const { created, manifest } = await functions.publish({ function: "returns" });
      expect([created, manifest.name, functions.parts.childrenStarted()]).toEqual([false, "returns", 0]);
      expect(functions.records.map(({ outcome, bytesRead }) => [outcome, bytesRead])).toEqual([["ok", 0]]);
    });
  });

  test("computes what has other parameters, in children", async () => {
    await withFunctions(async (functions) => {
      const { created } = await functions.publish({
        function: "returns",
        params: { lag: 2 },
        as: "returns-2",
      });
      expect(created).toBe(true);
      expect(functions.parts.childrenStarted()).toBeGreaterThan(0);
    });
  });

  test("computes it all the same when a part of the version is gone", async () => {
    await withFunctions(async (functions) => {
      const { manifest } = await functions.publish({ function: "returns" });
      rmSync(join(dataDir, manifest.dataset, "features", "returns", manifest.version), { recursive: true });
      expect((await functions.publish({ function: "returns" })).created).toBe(true);
      expect(functions.parts.childrenStarted()).toBeGreaterThan(0);
    });
  });
});

test("publish() looks up its request once: a query of symbols is run once, and only one answer of it counts", async () => {
  const queries: string[] = [];
  const functions = await openFunctions({
    fill: makeMarket,
    selectSymbols(query) {
      queries.push(query);
      return Promise.resolve([`S00000${queries.length}`]);
    },
  });
  try {
    const request = { function: "returns", as: "some", symbols: { sql: "select symbol from chosen" } };
    const { created, manifest } = await functions.publish(request);
    expect([created, manifest.lineage.symbols, queries]).toEqual([true, ["S000001"], [request.symbols.sql]]);
    await expect(functions.publish(request)).rejects.toThrow(/the name holds something else; the selection/);
    expect(queries).toHaveLength(2);
  } finally {
    await functions.close();
  }
});
