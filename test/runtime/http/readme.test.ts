import { readFileSync } from "node:fs";
import { tableFromIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { openApp } from "../../support/open-app.ts";

const README = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

test("the README's ten lines are a function, and give what the shipped one gives", async () => {
  const source = /```ts\n([\s\S]*?)```/.exec(README)?.[1] ?? "";
  expect(source.trim().split("\n").length).toBeLessThanOrEqual(12);
  const app = await openApp({ bars: { symbolCount: 3, dayCount: 60 }, functions: { "my-rsi": source } });
  try {
    const rsiOf = async (name: string) => {
      const response = await app.post(`/functions/${name}`, { params: { period: 5 } });
      expect(response.status).toBe(200);
      return tableFromIPC(new Uint8Array(await response.arrayBuffer()))
        .toArray()
        .map((row) => row.rsi as number | null);
    };
    const given = await rsiOf("my-rsi");
    expect(given.filter((value) => value !== null).length).toBeGreaterThan(50);
    expect(given).toEqual(await rsiOf("rsi-macd"));
  } finally {
    await app.close();
  }
});
