import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeLz4Frame } from "../../../runtime/formats/lz4-frame.ts";

const MAX = 1 << 26;
const text = "open high low close volume ".repeat(40);
/** Frames of `text` that the lz4 command wrote: by default, and with what else a frame may have. */
const FRAMES: Readonly<Record<string, string>> = {
  default: "BCJNGGRApyoAAAD/DG9wZW4gaGlnaCBsb3cgY2xvc2Ugdm9sdW1lIBsA/////wlQbHVtZSAAAAAA7rCbjQ==",
  "block checksums, high compression":
    "BCJNGHRAvSoAAAD/DG9wZW4gaGlnaCBsb3cgY2xvc2Ugdm9sdW1lIBsA/////wlQbHVtZSCIKtWNAAAAAO6wm40=",
  "dependent blocks, content size":
    "BCJNGGRApyoAAAD/DG9wZW4gaGlnaCBsb3cgY2xvc2Ugdm9sdW1lIBsA/////wlQbHVtZSAAAAAA7rCbjQ==",
  "no frame checksum": "BCJNGGBAgioAAAD/DG9wZW4gaGlnaCBsb3cgY2xvc2Ugdm9sdW1lIBsA/////wlQbHVtZSAAAAAA",
};
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
const hasTool = spawnSync("lz4", ["--version"], { stdio: "ignore" }).status === 0;

describe("decodeLz4Frame()", () => {
  test.each(Object.entries(FRAMES))("reads a frame of the lz4 command: %s", (_, frame) => {
    expect(new TextDecoder().decode(decodeLz4Frame(bytesOf(frame), MAX))).toBe(text);
  });

  test("refuses a frame that is cut short, wherever the cut is", () => {
    for (const frame of Object.values(FRAMES)) {
      const whole = bytesOf(frame);
      const dataEnd = whole.length - 8;
      for (let length = 0; length < dataEnd; length++) {
        expect(() => decodeLz4Frame(whole.slice(0, length), MAX)).toThrow(RangeError);
      }
    }
  });

  test("refuses what is no frame, and more than it may hold", () => {
    expect(() => decodeLz4Frame(new Uint8Array(64), MAX)).toThrow("not an LZ4 frame");
    const frame = bytesOf(Object.values(FRAMES)[0]!);
    expect(() => decodeLz4Frame(frame, text.length - 1)).toThrow(
      `an LZ4 frame holds more than ${text.length - 1} bytes`,
    );
    const future = frame.slice();
    future[4]! |= 0x80;
    expect(() => decodeLz4Frame(future, MAX)).toThrow("an LZ4 frame of an unknown version");
  });

  test("ends in a RangeError or in some bytes, whatever single byte is changed", () => {
    const frame = bytesOf(Object.values(FRAMES)[0]!);
    for (let at = 0; at < frame.length; at++) {
      const damaged = frame.slice();
      damaged[at]! ^= 0xff;
      try {
        expect(decodeLz4Frame(damaged, MAX).length).toBeLessThanOrEqual(MAX);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });

  test.skipIf(!hasTool)(
    "reads what the lz4 command makes of 3 MB (skipped where there is no lz4 command)",
    () => {
      let state = 1;
      const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => {
        state = (state * 48_271) % 2_147_483_647;
        return index % 5 === 0 ? state & 0xff : (index >> 10) & 0xff;
      });
      const dir = mkdtempSync(join(tmpdir(), "quiver-lz4-"));
      const [plain, packed] = [join(dir, "plain"), join(dir, "packed")];
      writeFileSync(plain, bytes);
      for (const flags of [["-1"], ["-9"], ["-BD", "-B4"], ["-BX", "--content-size"]]) {
        const { status } = spawnSync("lz4", [...flags, "-f", plain, packed], { stdio: "ignore" });
        expect(status).toBe(0);
        expect(Buffer.compare(decodeLz4Frame(new Uint8Array(readFileSync(packed)), MAX), bytes)).toBe(0);
      }
      rmSync(dir, { recursive: true });
    },
  );
});
