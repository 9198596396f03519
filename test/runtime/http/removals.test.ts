import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openApp, type OpenedApp, problemOf } from "../../support/open-app.ts";

let app: OpenedApp;
beforeAll(async () => {
  app = await openApp({ bars: { symbolCount: 2, dayCount: 40 } });
});
afterAll(() => app.close());

const remove = (path: string) => app.send(path, { method: "DELETE" });

test("DELETE is refused while a request runs that may read, and nothing is touched", async () => {
  const { services } = app.wired;
  const work = services.lifecycle.begin(new AbortController().signal);
  const response = await remove("/datasets/demo");
  work.end();
  expect(response.status).toBe(409);
  expect(await problemOf(response)).toMatchObject({
    code: "dataset-in-use",
    detail: "Cannot remove demo: a request is running, and may read it. Try again when it has ended.",
  });
  expect(existsSync(join(app.dataDir, "demo", "dataset.json"))).toBe(true);
});

test("DELETE takes a feature set away with its versions, and then the dataset, for every reader", async () => {
  expect((await app.post("/functions/returns", { publish: true })).status).toBe(201);
  const read = await app.get("/sql?q=from+demo.returns&format=csv");
  expect(read.status).toBe(200);
  // Until its last byte has gone out, the answer may still be read from the files.
  expect((await remove("/datasets/demo/features/returns")).status).toBe(409);
  await read.text();
  const feature = await remove("/datasets/demo/features/returns");
  expect([feature.status, await feature.json()]).toEqual([200, { removed: "demo/returns" }]);
  expect((await app.get("/datasets/demo/features/returns")).status).toBe(404);
  expect((await app.get("/sql?q=from+demo.returns&format=csv")).status).toBe(400);
  const dataset = await remove("/datasets/demo");
  expect([dataset.status, await dataset.json()]).toEqual([200, { removed: "demo" }]);
  expect((await app.post("/functions/returns", { dataset: "demo" })).status).toBe(400);
  expect((await app.get("/sql?q=from+demo.bars&format=csv")).status).toBe(400);
  expect(await (await app.get("/datasets")).json()).toEqual({ datasets: [] });
  const again = await remove("/datasets/demo");
  expect([again.status, (await problemOf(again))["detail"]]).toEqual([
    404,
    'Cannot find the dataset "demo": there is none yet. "quiver import <dataset> <files>" makes one.',
  ]);
});
