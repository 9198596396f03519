import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeDemoMarket, symbolName } from "../../../runtime/cli/demo/write-demo-market.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "quiver-market-"));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

test("writeDemoMarket() adjusts nothing on the last day, and by whole ratios before a split", () => {
  const { files } = writeDemoMarket(root, { symbolCount: 30, seed: 7 });
  const ratios = new Map<string, number[]>();
  for (const line of files.flatMap((file) => readFileSync(file, "utf8").split("\n"))) {
    const [symbol = "", , , , , close = "", , adjusted = ""] = line.split(",");
    if (!symbol.startsWith("Q")) continue;
    ratios.set(symbol, [...(ratios.get(symbol) ?? []), Number(close) / Number(adjusted)]);
  }
  expect(ratios.size).toBe(30);
  for (let index = 0; index < 30; index++) {
    const own = ratios.get(symbolName(index)) ?? [];
    expect(own.at(-1)).toBe(1);
    for (const ratio of own) expect(ratio).toBeCloseTo(Math.round(ratio), 4);
  }
  const first = [...ratios.values()].map(([ratio = 1]) => Math.round(ratio));
  expect(Math.max(...first)).toBeGreaterThan(1);
});

test("writeDemoMarket() makes the same bytes of the same seed", () => {
  const [a, b] = ["a", "b"].map((name) => {
    const { files } = writeDemoMarket(join(root, name), { symbolCount: 3, seed: 1 });
    return files.map((file) => readFileSync(file, "utf8"));
  });
  expect(a).toEqual(b);
});
