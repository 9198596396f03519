import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { handleMessage } from "../../../runtime/child/handle-message.ts";
import { rehearse } from "../../../runtime/child/rehearse.ts";
import { createFileMapper } from "../../../runtime/platform/map-file.ts";

describe("rehearse()", () => {
  let outDir = "";
  const mapper = createFileMapper();
  beforeEach(() => (outDir = mkdtempSync(join(tmpdir(), "quiver-rehearse-"))));
  afterEach(() => rmSync(outDir, { recursive: true, force: true }));
  const own = () => ({ outDir, mapFile: mapper.mapFile.bind(mapper) });

  test("goes through the real handler to a result, maps what it wrote, and leaves nothing", async () => {
    const replies: unknown[] = [];
    const mapped: string[] = [];
    await rehearse(
      async (message, child) => {
        const reply = await handleMessage(message, child);
        replies.push(reply);
        expect(readdirSync(join(outDir, "rehearsal")).toSorted()).toEqual([
          "close.arrow",
          "result.arrow",
          "ts.arrow",
        ]);
        return reply;
      },
      {
        outDir,
        mapFile(path, window) {
          mapped.push(path);
          return mapper.mapFile(path, window);
        },
      },
    );
    expect(replies).toMatchObject([
      { rowCount: 2_048, columns: [{ name: "doubled", nullCount: 0 }], warnings: [] },
    ]);
    expect(mapped).toEqual([join(outDir, "rehearsal/ts.arrow"), join(outDir, "rehearsal/close.arrow")]);
    expect(readdirSync(outDir)).toEqual([]);
  });

  test("leaves nothing when the run fails, and says why", async () => {
    const failing = () => Promise.reject(new Error("no such thing"));
    await expect(rehearse(failing, own())).rejects.toThrow("no such thing");
    expect(readdirSync(outDir)).toEqual([]);
  });

  test("touches nothing that stands in its place", async () => {
    mkdirSync(join(outDir, "rehearsal"));
    writeFileSync(join(outDir, "rehearsal", "result.arrow"), "somebody's");
    await expect(rehearse(handleMessage, own())).rejects.toThrow("EEXIST");
    expect(readdirSync(join(outDir, "rehearsal"))).toEqual(["result.arrow"]);
  });
});
