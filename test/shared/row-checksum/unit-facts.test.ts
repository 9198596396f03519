import { describe, expect, test } from "vitest";
import { decodeUnitFacts, encodeUnitFacts, type UnitFacts } from "../../../shared/row-checksum/index.ts";

const FACTS: UnitFacts = {
  symbols: ["A", "Ä", "株"],
  rowCounts: [1, 2, 3],
  lastTs: [19_000, 19_001, 19_002],
  wordCount: 3,
  words: Uint32Array.from({ length: 9 }, (_, i) => i * 0x1fff_ffff),
  stateLength: 2,
  states: Float64Array.of(-0, NaN, Infinity, 5e-324, 1 / 3, -1e308),
};

describe("decodeUnitFacts()", () => {
  test("gives back what was encoded, states bit for bit", () => {
    const decoded = decodeUnitFacts(encodeUnitFacts(FACTS, { note: "more" }));
    expect(decoded).toEqual({ facts: FACTS, more: { note: "more" } });
    expect(new BigUint64Array(decoded!.facts.states.buffer)).toEqual(
      new BigUint64Array(FACTS.states.slice().buffer),
    );
  });

  test("takes no notice of where the bytes lie", () => {
    const bytes = encodeUnitFacts(FACTS);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeUnitFacts(shifted.subarray(3))?.facts).toEqual(FACTS);
    expect(decodeUnitFacts(Buffer.from(bytes))?.facts).toEqual(FACTS);
  });

  test("gives nothing for what is cut short, longer, or something else", () => {
    const bytes = encodeUnitFacts(FACTS);
    for (const length of [0, 7, 15, 40, bytes.length - 1]) {
      expect(decodeUnitFacts(bytes.subarray(0, length))).toBeUndefined();
    }
    expect(decodeUnitFacts(Uint8Array.of(...bytes, 0))).toBeUndefined();
    const other = bytes.slice();
    other[0] = 0;
    expect(decodeUnitFacts(other)).toBeUndefined();
    const header = bytes.slice();
    header[17] = 0;
    expect(decodeUnitFacts(header)).toBeUndefined();
  });
});
