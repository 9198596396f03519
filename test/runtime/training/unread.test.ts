import { afterAll, beforeAll, expect, test } from "vitest";
import { problemOf } from "../../support/open-app.ts";
import { openTrainingApp, type TrainingApp } from "./training-app.ts";

let app: TrainingApp;
beforeAll(async () => {
  app = await openTrainingApp({ bars: { symbolCount: 3, dayCount: 40 }, settings: { sqlConcurrency: 1 } });
  await app.publish("echo");
});
afterAll(() => app.close());

/** An answer of about 8 MB: more than what is sent ahead of its reader. */
const CSV = `symbol,ts\n${"S000002,2023-12-20\n".repeat(200_000)}`;
const FEATURES = { features: "demo:echo,a=demo:echo.last,b=demo:echo.sum" };

test("an answer that nobody reads waits and counts as being built, until it is given up", async () => {
  const unread = await app.ask({ ...FEATURES, format: "arrow" }, CSV);
  expect(unread.status).toBe(200);
  const refused = await app.ask({ ...FEATURES, format: "csv" }, "symbol,ts\nS000002,2023-12-20\n");
  const problem = await problemOf(refused);
  expect([refused.status, problem["code"], problem["detail"]]).toEqual([
    429,
    "training-busy",
    "Cannot build the training set: one is being built, which is the limit. Try again shortly, or raise --sql-concurrency.",
  ]);
  expect(refused.headers.get("Retry-After")).not.toBeNull();
  expect(app.wired.services.lifecycle.activeCount).toBe(1);
  await unread.body?.cancel();
  expect(app.wired.services.lifecycle.activeCount).toBe(0);
  await expect
    .poll(
      async () => (await app.ask({ ...FEATURES, format: "csv" }, "symbol,ts\nS000002,2023-12-20\n")).status,
    )
    .toBe(200);
});
