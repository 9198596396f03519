import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clearBareDataDir } from "../../../runtime/store/clear-bare-data-dir.ts";
import { removeRemoved } from "../../../runtime/store/remove-stored.ts";

let data = "";
beforeEach(() => {
  data = join(mkdtempSync(join(tmpdir(), "quiver-removed-")), "data");
  mkdirSync(join(data, "spool", "code"), { recursive: true });
});
afterEach(() => {
  rmSync(join(data, ".."), { recursive: true, force: true });
});

test("removeRemoved() takes away what a process that died while it removed has left", () => {
  mkdirSync(join(data, "demo", ".removed-1", "20240101"), { recursive: true });
  mkdirSync(join(data, ".removed-2", "bars"), { recursive: true });
  writeFileSync(join(data, "demo", "dataset.json"), "{}");
  removeRemoved(data);
  expect(readdirSync(data).toSorted()).toEqual(["demo", "spool"]);
  expect(readdirSync(join(data, "demo"))).toEqual(["dataset.json"]);
});

describe("clearBareDataDir()", () => {
  test("takes away a directory that holds nothing but what every process makes", () => {
    for (const name of ["quiver.db", "quiver.db-wal", ".lock.db", ".lock-owner.json"])
      writeFileSync(join(data, name), "");
    const leave = clearBareDataDir(data);
    expect(readdirSync(data).toSorted()).toEqual([".lock-owner.json", ".lock.db"]);
    leave();
    expect(readdirSync(join(data, ".."))).toEqual([]);
  });

  test("keeps one with a dataset, whole", () => {
    mkdirSync(join(data, "demo"));
    writeFileSync(join(data, "demo", "dataset.json"), "{}");
    clearBareDataDir(data)();
    expect(readdirSync(data).toSorted()).toEqual(["demo", "spool"]);
  });

  test("keeps one with anything that is not Quiver's", () => {
    writeFileSync(join(data, "notes.txt"), "");
    clearBareDataDir(data)();
    expect(readdirSync(data)).toEqual(["notes.txt"]);
  });
});
