import { readdirSync, readFileSync } from "node:fs";
import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as contract from "../../shared/contract/index.ts";
import { CHECK_NAMES } from "../../runtime/check/verdict.ts";
import { type OpenedApp, openApp } from "../support/open-app.ts";

const page = readFileSync(new URL("../../docs/functions.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/g)]
  .map((match) => match[1] ?? "")
  .filter((text) => text.includes("export default"));

let app: OpenedApp;
beforeAll(async () => {
  const [relative = "", yearly = ""] = examples;
  const functions = { "relative-close": relative, yearly };
  // Histories of 150, 1 and 300 bars.
  app = await openApp({ bars: { symbolCount: 3, dayCount: 300 }, functions });
});
afterAll(() => app.close());

async function rowsOf(name: string, params: object) {
  const response = await app.post(`/functions/${name}`, { params });
  expect(response.status).toBe(200);
  return tableFromIPC(new Uint8Array(await response.arrayBuffer())).toArray();
}

test("docs/functions.md's feature divides by the index", async () => {
  const rows = await rowsOf("relative-close", { index: "S000002" });
  const own = rows.filter((row) => String(row.symbol) === "S000002");
  expect(own.length).toBe(300);
  expect(own.every((row) => row.relative === 1)).toBe(true);
  expect(rows.some((row) => row.relative !== 1)).toBe(true);
});

test("docs/functions.md's table has one row for each symbol and year", async () => {
  const rows = await rowsOf("yearly", {});
  const years = rows.map((row) => `${String(row.symbol)} ${new Date(Number(row.ts)).getUTCFullYear()}`);
  expect(new Set(years).size).toBe(rows.length);
  expect(rows.reduce((sum, row) => sum + Number(row.bar_count), 0)).toBe(451);
  expect(rows.every((row) => Number(row.highest) > 0)).toBe(true);
});

test("docs/functions.md names every check, and everything that authors import", () => {
  expect(CHECK_NAMES.filter((name) => name !== "time" && !page.includes(`(\`${name}\`)`))).toEqual([]);
  expect(Object.keys(contract).filter((name) => !page.includes(name))).toEqual([]);
});

test("the README links to every guide", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const guides = readdirSync(new URL("../../docs", import.meta.url)).filter((name) => name.endsWith(".md"));
  expect(guides.length).toBeGreaterThan(5);
  expect(guides.filter((name) => !readme.includes(`](docs/${name})`))).toEqual([]);
});
