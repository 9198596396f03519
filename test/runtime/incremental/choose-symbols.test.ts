import { describe, expect, test } from "vitest";
import type { VersionContent } from "../../../runtime/collect/version-content.ts";
import { chooseSymbols, SEGMENT_PARTS_MAX } from "../../../runtime/incremental/choose-symbols.ts";

/** Two segments, A to C and M to N, of symbols that all end at time 100. */
function content(parts = 1): VersionContent {
  const part = { path: "p", rowCount: 1, byteLength: 1, sha256: "", firstSymbol: "", lastSymbol: "" };
  const segment = (firstSymbol: string) => ({
    parts: Array.from({ length: parts }, () => part),
    firstSymbol,
    nullCounts: [],
    infCounts: [],
    firstTs: 1,
    lastTs: 100,
  });
  const symbols = ["A", "B", "C", "M", "N"];
  return {
    segments: [segment("A"), segment("M")],
    units: {
      symbols,
      rowCounts: symbols.map(() => 10),
      lastTs: symbols.map(() => 100),
      wordCount: 0,
      words: new Uint32Array(0),
      stateLength: 0,
      states: new Float64Array(0),
    },
    tail: null,
  };
}

/** A dataset whose symbols all go on to 110. */
const indexOf = (symbols: readonly string[]) => ({
  symbols,
  firstTs: symbols.map(() => 1),
  lastTs: symbols.map(() => 110),
});

/** A version that settled rows up to 100 and has some after that. */
const tail = { parts: [], nullCounts: [], infCounts: [], firstTs: 101, lastTs: 109, settledUntil: 100 };
const withTail = { content: { ...content(), tail } };

type Facts = Parameters<typeof chooseSymbols>[0];
const choose = (changes: Readonly<Record<string, number>>, more: Partial<Facts> = {}) =>
  chooseSymbols({
    content: content(),
    changes: { bySymbol: new Map(Object.entries(changes)), ofAll: null },
    index: indexOf(["A", "B", "C", "M", "N"]),
    settledUntil: null,
    canAppend: true,
    isCrossSectional: false,
    ...more,
  });
const chosen = (choice: ReturnType<typeof choose>) =>
  choice?.symbols.map(
    ({ symbol, segment, keptUnit }) => `${symbol}${segment}${keptUnit === null ? " anew" : ""}`,
  );

describe("chooseSymbols()", () => {
  test("appends to symbols whose changes come after their last rows", () => {
    const choice = choose({ A: 101, N: 105 });
    expect(chosen(choice)).toEqual(["A0", "N1"]);
    expect([choice?.recomputed.size, choice?.firstNewTs]).toEqual([0, 101]);
  });

  test("computes all symbols of a segment anew where one of them changed earlier", () => {
    const choice = choose({ A: 101, M: 100 });
    expect(chosen(choice)).toEqual(["A0", "M1 anew", "N1 anew"]);
    expect([...choice!.recomputed]).toEqual([1]);
  });

  test("puts a new symbol, with all its rows, into the segment that its name lies in", () => {
    expect(chosen(choose({ D: 3 }, { index: indexOf(["A", "B", "C", "D", "M", "N"]) }))).toEqual(["D0 anew"]);
    expect(chosen(choose({ Z: 3, "0": 4 }, { index: indexOf(["0", "A", "B", "C", "M", "N", "Z"]) }))).toEqual(
      ["00 anew", "Z1 anew"],
    );
  });

  test("computes everything where every segment is hit, or no symbol can be appended to", () => {
    expect(choose({ A: 50, M: 50 })).toBeUndefined();
    expect(choose({ A: 101, M: 101 }, { canAppend: false })).toBeUndefined();
    expect(chosen(choose({ A: 101 }, { canAppend: false }))).toEqual(["A0 anew", "B0 anew", "C0 anew"]);
  });

  test("computes everything of a version that holds a symbol which is gone, or no symbol at all", () => {
    expect(choose({ A: 101 }, { index: indexOf(["A", "B", "C", "M"]) })).toBeUndefined();
    expect(choose({ A: 101 }, { content: { ...content(), segments: [] } })).toBeUndefined();
  });

  test("appends across symbols only at moments that are new for all of them", () => {
    expect(chosen(choose({ A: 101 }, { isCrossSectional: true }))).toEqual(["A0"]);
    expect(choose({ A: 101, B: 100 }, { isCrossSectional: true })).toBeUndefined();
    const late = { isCrossSectional: true, index: indexOf(["A", "B", "C", "D", "M", "N"]) };
    expect(choose({ D: 100 }, late)).toBeUndefined();
  });

  test("takes a change of an index for one of every symbol", () => {
    const changes = { bySymbol: new Map([["B", 103]]), ofAll: 102 };
    expect(chosen(choose({}, { changes }))).toEqual(["A0", "B0", "C0", "M1", "N1"]);
    expect(choose({}, { changes: { ...changes, ofAll: 99 } })).toBeUndefined();
  });

  test("computes a segment of many files anew instead of adding one more", () => {
    const many = { content: content(SEGMENT_PARTS_MAX) };
    expect(chosen(choose({ A: 101 }, many))).toEqual(["A0 anew", "B0 anew", "C0 anew"]);
    expect(choose({ A: 101, M: 101 }, many)).toBeUndefined();
    expect(chosen(choose({ A: 101, M: 101 }, { content: content(SEGMENT_PARTS_MAX - 1) }))).toEqual([
      "A0",
      "M1",
    ]);
  });

  test("settles nothing more in a segment of many files, and so need not compute it anew", () => {
    const many = { content: { ...content(SEGMENT_PARTS_MAX), tail }, settledUntil: 100 };
    expect(chosen(choose({ A: 110 }, many))).toEqual(["A0", "B0", "C0", "M1", "N1"]);
    expect(choose({ A: 110 }, { ...many, settledUntil: 105 })).toBeUndefined();
    // Rows of a symbol that begins earlier are settled now.
    const fresh = indexOf(["A", "B", "C", "D", "M", "N"]);
    expect([...choose({ D: 1 }, { ...many, index: fresh })!.recomputed]).toEqual([0]);
  });

  test("computes the late rows of all symbols where one changed, among them or after them", () => {
    const choice = choose({ A: 105 }, withTail);
    expect(chosen(choice)).toEqual(["A0", "B0", "C0", "M1", "N1"]);
    expect([choice?.recomputed.size, choice?.firstNewTs]).toEqual([0, 101]);
    expect(chosen(choose({ A: 105 }, { ...withTail, isCrossSectional: true }))).toHaveLength(5);
    expect(choose({}, { ...withTail, changes: { bySymbol: new Map(), ofAll: 103 } })?.firstNewTs).toBe(101);
  });

  test("leaves symbols out that ended before the late rows", () => {
    const index = { ...indexOf(["A", "B", "C", "M", "N"]), lastTs: [110, 100, 110, 100, 110] };
    expect(chosen(choose({ A: 105 }, { ...withTail, index }))).toEqual(["A0", "C0", "N1"]);
  });

  test("computes a symbol from its first row that has none but late ones", () => {
    const index = { ...indexOf(["A", "B", "C", "D", "M", "N"]), firstTs: [1, 1, 1, 104, 1, 1] };
    expect(chosen(choose({ A: 105 }, { ...withTail, index }))).toContain("D0 anew");
  });

  test("computes a segment anew where a settled row of it changed, and the late rows of the others", () => {
    expect(chosen(choose({ B: 99 }, withTail))).toEqual(["A0 anew", "B0 anew", "C0 anew", "M1", "N1"]);
    expect(choose({ B: 99 }, { ...withTail, isCrossSectional: true })).toBeUndefined();
    expect(choose({ B: 105 }, { ...withTail, canAppend: false })).toBeUndefined();
  });

  test("keeps everything where nothing that is read has changed", () => {
    expect(choose({})).toEqual({ symbols: [], recomputed: new Set(), firstNewTs: null });
  });
});
