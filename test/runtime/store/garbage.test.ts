import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findGarbage, removeGarbage } from "../../../runtime/store/garbage.ts";

const day = (number: number) => `2024-01-${String(number).padStart(2, "0")}T00:00:00.000Z`;
const version = (number: number) => `202401${String(number).padStart(2, "0")}T000000Z-abcdef12`;

describe("findGarbage()", () => {
  let dataDir: string;
  const setDir = () => join(dataDir, "demo", "features", "rsi");
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "quiver-garbage-"));
    mkdirSync(setDir(), { recursive: true });
    writeFileSync(join(dataDir, "demo", "dataset.json"), "{}");
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  /** A version published on a day of January, of parts that may lie in earlier ones. */
  function publish(number: number, parts: readonly string[] = ["part-00000.parquet"]): void {
    const dir = join(setDir(), version(number));
    mkdirSync(dir);
    writeFileSync(join(dir, "part-00000.parquet"), "12345");
    const manifest = { formatVersion: 1, publishedAt: day(number), parts: parts.map((path) => ({ path })) };
    writeFileSync(join(dir, "manifest.json"), JSON.stringify(manifest));
    writeFileSync(join(setDir(), "current.json"), JSON.stringify({ version: version(number) }));
  }
  const found = (keep: number, since: number) =>
    findGarbage(dataDir, { keep, notCurrentSince: new Date(day(since)) }).map((one) => one.version);

  test("keeps the newest and the current, however old", () => {
    for (const number of [1, 2, 3, 4]) publish(number);
    expect(found(2, 31)).toEqual([version(2), version(1)]);
    writeFileSync(join(setDir(), "current.json"), JSON.stringify({ version: version(1) }));
    expect(found(1, 31)).toEqual([version(3), version(2)]);
  });

  test("keeps what was current lately: a query may be reading it", () => {
    for (const number of [1, 5, 9, 20]) publish(number);
    // The second stopped being current on the ninth, the third on the twentieth.
    expect(found(0, 9)).toEqual([version(1)]);
    expect(found(0, 10)).toEqual([version(5), version(1)]);
  });

  test("keeps the folders that a version's parts lie in", () => {
    publish(1);
    publish(2);
    publish(3, ["part-00000.parquet", `../${version(1)}/part-00000.parquet`]);
    expect(found(1, 31)).toEqual([version(2)]);
  });

  test("keeps what it cannot read", () => {
    for (const number of [1, 2]) publish(number);
    writeFileSync(join(setDir(), version(1), "manifest.json"), "{");
    expect(found(1, 31)).toEqual([]);
  });

  test("removeGarbage() removes what was found and nothing else", () => {
    for (const number of [1, 2]) publish(number);
    const garbage = findGarbage(dataDir, { keep: 1, notCurrentSince: new Date(day(31)) });
    expect(garbage).toMatchObject([{ dataset: "demo", name: "rsi", kind: "feature", version: version(1) }]);
    removeGarbage(garbage);
    expect(existsSync(join(setDir(), version(1)))).toBe(false);
    expect(existsSync(join(setDir(), version(2), "part-00000.parquet"))).toBe(true);
  });
});
