import { describe, expect, test } from "vitest";
import {
  createFrameReader,
  decodeJson,
  encodeFrameHeader,
  encodeJsonFrame,
} from "../../../runtime/engine/frames.ts";

function joined(...pieces: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

describe("createFrameReader()", () => {
  const body = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  const stream = joined(
    encodeJsonFrame("event", { text: "ä" }),
    encodeFrameHeader("bytes", body.length),
    body,
    encodeFrameHeader("bytes", 0),
    encodeJsonFrame("end", null),
  );

  test.each([1, 2, 3, 5, 7, 64, 999, 1005, 5000])("finds the same frames in chunks of %i bytes", (size) => {
    const frames: [string, Uint8Array][] = [];
    const reader = createFrameReader(({ kind, payload }) => frames.push([kind, payload.slice()]));
    for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size));
    expect(frames.map(([kind]) => kind)).toEqual(["event", "bytes", "bytes", "end"]);
    expect(decodeJson(frames[0]![1])).toEqual({ text: "ä" });
    expect(frames[1]![1]).toEqual(body);
    expect(frames[2]![1]).toHaveLength(0);
    expect(decodeJson(frames[3]![1])).toBeNull();
  });

  test("hands payloads on without copying them when a chunk holds the whole frame", () => {
    const seen: ArrayBufferLike[] = [];
    const chunk = joined(encodeFrameHeader("bytes", body.length), body);
    createFrameReader(({ payload }) => seen.push(payload.buffer)).push(chunk);
    expect(seen).toEqual([chunk.buffer]);
    expect(seen[0]).toBe(chunk.buffer);
  });

  test("refuses a byte with which no frame starts", () => {
    const reader = createFrameReader(() => undefined);
    expect(() => reader.push(Uint8Array.of(9, 0, 0, 0, 0))).toThrow(
      "Cannot read the engine's answer: no frame starts with byte 9",
    );
  });

  test("refuses a length that no frame has", () => {
    const reader = createFrameReader(() => undefined);
    expect(() => reader.push(Uint8Array.of(1, 0, 0, 0, 0xff))).toThrow(
      "Cannot read the engine's answer: no frame starts with byte 1",
    );
  });
});
