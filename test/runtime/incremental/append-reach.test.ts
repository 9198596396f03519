import { describe, expect, test } from "vitest";
import { appendReachOf, readsText } from "../../../runtime/incremental/append-reach.ts";
import type { StageOutline } from "../../../runtime/plan/plan-stages.ts";

interface Sketch {
  readonly sources?: readonly number[];
  readonly order?: "symbol-time" | "time-symbol";
  /** A number of bars; a state; neither. Null for the built-in that changes the order. */
  readonly memory?: { readonly lookBack?: number; readonly stateLength?: number } | null;
  readonly kind?: "feature" | "label";
  readonly shape?: "feature" | "table";
}

/** Stages that say of themselves what reach is decided by. */
function stages(...sketches: readonly Sketch[]): StageOutline[] {
  return sketches.map(
    ({ sources = [], order = "symbol-time", memory = {}, kind = "feature", shape = "feature" }) => {
      const bound =
        memory === null
          ? null
          : {
              entry: { description: { kind, shape, partition: order === "time-symbol" ? "date" : "symbol" } },
              resolved: { lookBack: memory.lookBack ?? null, stateLength: memory.stateLength ?? 0 },
            };
      return { bound, order, outputs: [], columns: [], sources } as unknown as StageOutline;
    },
  );
}

describe("appendReachOf()", () => {
  test("adds look-backs up along the longest way", () => {
    const diamond = stages(
      { memory: { lookBack: 5 } },
      { memory: { lookBack: 20 }, sources: [0] },
      { memory: { lookBack: 2 }, sources: [0, 1] },
    );
    expect(appendReachOf(diamond)).toEqual({
      lookBacks: [5, 20, 2],
      canAppend: true,
      isCrossSectional: false,
      total: 27,
    });
  });

  test("reads nothing before the new rows where the last stage has a saved state", () => {
    const chain = stages({ memory: { lookBack: 5 } }, { memory: { stateLength: 3 }, sources: [0] });
    expect(appendReachOf(chain)).toMatchObject({ lookBacks: [5, 0], canAppend: true, total: 5 });
  });

  test("goes through moments, which read no bars before them", () => {
    const ranks = stages(
      { memory: { lookBack: 5 } },
      { memory: null, order: "time-symbol", sources: [0] },
      { order: "time-symbol", sources: [1] },
      { memory: null, sources: [2] },
      { memory: { lookBack: 10 }, sources: [3] },
    );
    expect(appendReachOf(ranks)).toMatchObject({ canAppend: true, isCrossSectional: true, total: 15 });
  });

  test("cannot append to labels, tables, memories that are not told, and states that nobody saved", () => {
    const cannot = [
      stages({ memory: { lookBack: 5 }, kind: "label" }),
      stages({ shape: "table" }),
      stages({ memory: {} }),
      stages({ memory: {} }, { memory: { lookBack: 5 }, sources: [0] }),
      stages({ memory: { stateLength: 3 } }, { memory: { lookBack: 5 }, sources: [0] }),
    ];
    expect(cannot.map((one) => appendReachOf(one).canAppend)).toEqual(cannot.map(() => false));
  });
});

describe("readsText()", () => {
  const reading = (type: string, kind: string) =>
    [{ columns: [{ from: "row-set", request: { type, source: { kind } } }] }] as unknown as StageOutline[];

  test("is true of text of the bars alone, whose codes depend on the rows that are loaded", () => {
    expect(readsText(reading("utf8", "own"))).toBe(true);
    expect(readsText(reading("float64", "own"))).toBe(false);
    expect(readsText(reading("utf8", "attributes"))).toBe(false);
  });
});
