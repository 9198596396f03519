import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type InvocationRecord, openControlDatabase } from "../../../runtime/store/control-database.ts";

const record = (id: string, changes: Partial<InvocationRecord> = {}): InvocationRecord => ({
  id,
  function: "rsi-macd",
  dataset: "demo",
  kind: "invoke",
  outcome: "ok",
  message: null,
  startedAt: "2024-03-01T00:00:00.000Z",
  durationMs: 12.5,
  rowCount: 10,
  bytesRead: 100,
  peakMemoryBytes: 1000,
  fingerprint: "ab",
  timings: [{ stage: "run", milliseconds: 3 }],
  request: { function: "rsi-macd" },
  logTail: "",
  ...changes,
});

test("the control database keeps invocations over a restart, newest first, and forgets the oldest", () => {
  const dir = mkdtempSync(join(tmpdir(), "quiver-control-"));
  const path = join(dir, "quiver.db");
  const first = openControlDatabase(path, 100);
  for (const id of ["a", "b", "c"]) first.record(record(id));
  first.record(record("d", { function: "returns", outcome: "handler-threw", message: "no" }));
  first.close();

  const second = openControlDatabase(path, 3);
  expect(second.list({ limit: 10 }).map(({ id }) => id)).toEqual(["d", "c", "b"]);
  expect(second.list({ limit: 1 }).map(({ id }) => id)).toEqual(["d"]);
  expect(second.list({ limit: 10, function: "rsi-macd" }).map(({ id }) => id)).toEqual(["c", "b"]);
  expect(second.list({ limit: 10, outcome: "handler-threw" }).map(({ id }) => id)).toEqual(["d"]);
  expect(second.find("c")).toEqual(record("c"));
  expect(second.find("a")).toBeUndefined();
  second.close();
  rmSync(dir, { recursive: true });
});
