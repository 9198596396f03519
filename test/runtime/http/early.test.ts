import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApp, type OpenedApp, problemOf } from "../../support/open-app.ts";

/** Fails on the last symbol only, once every other partition has long ended. */
const FAILS_LATE = `
import { defineFeature, float64, ratio } from "quiver";
export default defineFeature({
  description: "throws at the end",
  inputs: { bars: { close: float64 } },
  outputs: { same: ratio },
  handler({ bars }, out, { symbol }) {
    if (symbol === "S000399") throw new Error("the last symbol is one too many");
    out.same.set(bars.close);
  },
});
`;

let app: OpenedApp;
beforeAll(async () => {
  // Enough rows for more than one partition.
  app = await openApp({
    bars: { symbolCount: 400, dayCount: 1800 },
    functions: { "fails-late": FAILS_LATE },
  });
});
afterAll(() => app.close());

describe("?stream=early", () => {
  test("gives the same bytes as waiting for the whole", async () => {
    const body = { params: { period: 9 } };
    const early = await app.post("/functions/rsi-macd?stream=early", body);
    const whole = await app.post("/functions/rsi-macd", body);
    expect(early.status).toBe(200);
    expect(early.headers.get("ETag")).toBe(whole.headers.get("ETag"));
    const [a, b] = [new Uint8Array(await early.arrayBuffer()), new Uint8Array(await whole.arrayBuffer())];
    expect(tableFromIPC(a).numRows).toBeGreaterThan(300_000);
    expect(tableFromIPC(a).batches.length).toBeGreaterThan(1);
    expect(Buffer.compare(a, b)).toBe(0);
  });

  test("resets the connection when a later partition fails, and records it", async () => {
    const response = await app.post("/functions/fails-late?stream=early", {});
    expect(response.status).toBe(200);
    const ending = await response.arrayBuffer().then(
      () => "ended cleanly",
      () => "reset",
    );
    expect(ending).toBe("reset");
    const record = await app.get(`/invocations/${response.headers.get("Quiver-Invocation")}`);
    expect(await record.json()).toMatchObject({ function: "fails-late", outcome: "function-threw" });
  });

  test("refuses before the first byte what can be refused", async () => {
    const unknown = await problemOf(
      await app.post("/functions/rsi-macd?stream=early", { symbols: ["NOPE"] }),
    );
    expect(unknown["code"]).toBe("unknown-symbol");
    const csv = await problemOf(await app.post("/functions/rsi-macd?stream=early&format=csv", {}));
    expect(csv["detail"]).toBe(
      'Cannot stream partitions as they finish with csv: expected the format arrow.stream and no limit. Leave out "stream=early", or ask for that format.',
    );
  });
});
