import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFileMapper, mapFile } from "../../../runtime/platform/map-file.ts";

let directory: string;
let path: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "quiver-map-"));
  path = join(directory, "bytes.bin");
  writeFileSync(
    path,
    Uint8Array.from({ length: 200_000 }, (_, index) => index % 251),
  );
});

afterAll(() => rmSync(directory, { recursive: true }));

describe("mapFile()", () => {
  test("maps on both runtimes, and says so", () => {
    expect(createFileMapper().kind).toBe("mmap");
  });

  test("gives the whole file", () => {
    const bytes = mapFile(path);
    expect(bytes.length).toBe(200_000);
    expect(bytes[0]).toBe(0);
    expect(bytes[199_999]).toBe(199_999 % 251);
  });

  test("gives a window that starts anywhere", () => {
    for (const offset of [1, 4095, 4096, 65_536, 70_001]) {
      const bytes = mapFile(path, { offset, byteLength: 10 });
      expect([...bytes]).toEqual(Array.from({ length: 10 }, (_, index) => (offset + index) % 251));
    }
  });

  test("gives the rest of the file from an offset", () => {
    expect(mapFile(path, { offset: 199_990 }).length).toBe(10);
    expect(mapFile(path, { offset: 200_000 }).length).toBe(0);
  });

  test("gives an empty array for an empty file", () => {
    const empty = join(directory, "empty.bin");
    writeFileSync(empty, "");
    expect(mapFile(empty)).toEqual(new Uint8Array(0));
  });

  test("changes neither the file nor another mapping when written to", () => {
    const [one, other] = [mapFile(path), mapFile(path)];
    one[5] = 99;
    expect(one[5]).toBe(99);
    expect(other[5]).toBe(5);
    expect(readFileSync(path)[5]).toBe(5);
  });

  test("makes views that share the mapping's buffer", () => {
    const bytes = mapFile(path);
    const view = new Float64Array(bytes.buffer, bytes.byteOffset, 4);
    expect(view.buffer).toBe(bytes.buffer);
    bytes.fill(0, 0, 8);
    expect(view[0]).toBe(0);
  });

  test.each([
    [{ offset: 199_999, byteLength: 2 }, "bytes 199999 to 200001 were requested, but the file has 200000."],
    [{ offset: 300_000 }, "bytes 300000 to 300000 were requested, but the file has 200000."],
    [{ offset: -1, byteLength: 2 }, "bytes -1 to 1 were requested, but the file has 200000."],
    [{ offset: 0.5, byteLength: 1 }, "bytes 0.5 to 1.5 were requested, but the file has 200000."],
  ])("refuses a window that leaves the file: %j", (window, words) => {
    expect(() => mapFile(path, window)).toThrow(`Cannot map ${path}: ${words}`);
  });

  test("refuses a file that is not there, naming it", () => {
    expect(() => mapFile(join(directory, "absent.bin"))).toThrow(
      `Cannot map ${join(directory, "absent.bin")}: it does not exist or may not be read.`,
    );
  });
});

describe("createFileMapper()", () => {
  test("refuses to map once it is closed, and leaves what was mapped", () => {
    const mapper = createFileMapper();
    const bytes = mapper.mapFile(path);
    mapper.close();
    mapper.close();
    expect(() => mapper.mapFile(path)).toThrow(
      `Cannot map ${path}: privileges have been dropped, and files must be mapped before that.`,
    );
    expect(bytes[250]).toBe(250);
  });
});
