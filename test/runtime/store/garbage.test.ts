import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
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
    findGarbage(dataDir, { keep, notCurrentSince: new Date(day(since)) }).garbage.map((one) => one.version);

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

  test("knows when each gave way to another, where what is current moved back", () => {
    for (const number of [1, 5, 9]) publish(number);
    // Back to the first on the eleventh, and to the second on the thirteenth.
    const [first, second, third] = [version(1), version(5), version(9)];
    const moved = [
      { version: first, at: day(13) },
      { version: third, at: day(11) },
    ];
    writeFileSync(join(setDir(), "current.json"), JSON.stringify({ version: second, replaced: moved }));
    expect(found(0, 10)).toEqual([]);
    expect(found(0, 12)).toEqual([third]);
    expect(found(0, 14)).toEqual([third, first]);
  });

  test("takes what moved back in a store of an older Quiver for replaced when it moved", () => {
    for (const number of [1, 5]) publish(number);
    writeFileSync(join(setDir(), "current.json"), JSON.stringify({ version: version(1) }));
    const at = new Date(day(20));
    utimesSync(join(setDir(), "current.json"), at, at);
    expect(found(0, 19)).toEqual([]);
    expect(found(0, 21)).toEqual([version(5)]);
  });

  test("removes more where there is a bound of bytes: the longest replaced first, never what is current or may be read", () => {
    for (const number of [1, 5, 9, 20, 25]) publish(number);
    const bounded = (bytesMax: number, notRead: number) => {
      const options = {
        keep: 5,
        notCurrentSince: new Date(0),
        notReadSince: new Date(day(notRead)),
        bytesMax,
      };
      const { garbage, staying } = findGarbage(dataDir, options);
      return [garbage.map((one) => one.version), staying.versions] as const;
    };
    const { byteLength } = findGarbage(dataDir, { keep: 5, notCurrentSince: new Date(0) }).staying;
    const one = byteLength / 5;
    expect(bounded(byteLength, 31)).toEqual([[], 5]);
    expect(bounded(byteLength - 1, 31)).toEqual([[version(1)], 4]);
    expect(bounded(3 * one, 31)).toEqual([[version(5), version(1)], 3]);
    expect(bounded(0, 31)).toEqual([[version(20), version(9), version(5), version(1)], 1]);
    // The second gave way on the ninth.
    expect(bounded(0, 10)).toEqual([[version(5), version(1)], 3]);
  });

  test("removes what another refers to after that one, where there is a bound of bytes", () => {
    publish(1);
    publish(2, ["part-00000.parquet", `../${version(1)}/part-00000.parquet`]);
    publish(3);
    const bounded = (bytesMax: number) =>
      findGarbage(dataDir, {
        keep: 3,
        notCurrentSince: new Date(0),
        notReadSince: new Date(day(31)),
        bytesMax,
      }).garbage.map((one) => one.version);
    const { byteLength } = findGarbage(dataDir, { keep: 3, notCurrentSince: new Date(0) }).staying;
    expect(bounded(byteLength - 1)).toEqual([version(2)]);
    expect(bounded(0)).toEqual([version(2), version(1)]);
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
    const { garbage, staying } = findGarbage(dataDir, { keep: 1, notCurrentSince: new Date(day(31)) });
    expect(staying.versions).toBe(1);
    expect(garbage).toMatchObject([{ dataset: "demo", name: "rsi", kind: "feature", version: version(1) }]);
    removeGarbage(garbage);
    expect(existsSync(join(setDir(), version(1)))).toBe(false);
    expect(existsSync(join(setDir(), version(2), "part-00000.parquet"))).toBe(true);
  });
});
