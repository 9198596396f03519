import { expect, test } from "vitest";
import { createPatientWriter } from "../../../runtime/store/patient-writer.ts";
import { until } from "../../support/job-app.ts";

function disk() {
  const written: string[] = [];
  const told: string[] = [];
  const state = { isFull: true };
  const options = {
    retryMs: 1,
    write(value: string) {
      if (state.isFull) throw new Error("full");
      written.push(value);
    },
    onFailure: (error: unknown) => told.push(String(error)),
    onRecovery: () => told.push("again"),
  };
  return { written, told, state, options };
}

test("createPatientWriter() writes the latest value of each key as soon as that can be, and tells once", async () => {
  const { written, told, state, options } = disk();
  const writer = createPatientWriter(options);
  writer.write("a", "a1");
  writer.write("b", "b1");
  writer.write("a", "a2");
  expect([writer.isFailing, writer.unwritten("a"), writer.backlog]).toEqual([true, "a2", ["a2", "b1"]]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([told, written]).toEqual([["Error: full"], []]);
  state.isFull = false;
  await until(() => !writer.isFailing);
  expect([written, told, writer.backlog]).toEqual([["a2", "b1"], ["Error: full", "again"], []]);
  writer.write("c", "c1");
  expect(written).toEqual(["a2", "b1", "c1"]);
  writer.close();
});

test("createPatientWriter() tries nothing between two attempts, and once more when it is closed", () => {
  const { written, state, options } = disk();
  const writer = createPatientWriter({ ...options, retryMs: 60_000, keptMax: 2 });
  writer.write("a", "a");
  state.isFull = false;
  writer.write("b", "b");
  writer.write("c", "c");
  // What is beyond its limit is lost, the oldest first.
  expect([written, writer.backlog]).toEqual([[], ["b", "c"]]);
  writer.close();
  expect(written).toEqual(["b", "c"]);
});
