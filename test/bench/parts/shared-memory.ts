import { barred, plain, type BenchPart } from "../support/bench-part.ts";
import { BENCH_FUNCTIONS } from "../support/paths.ts";
import { canMeasurePss, pssOf } from "../support/process-tree.ts";
import { rounded } from "../support/statistics.ts";
import { openTouching } from "../support/touch-columns.ts";

const CHILDREN = 4;
const GIB = 2 ** 30;
/** Nothing waits for this: children that have touched everything stay until they were looked at. */
const HOLD_MS = 20_000;

/** Four children that map the same row set and touch every byte of it: what they take together. */
export const sharedMemory: BenchPart = {
  name: "shared-memory",
  async run({ store, scale, log }) {
    if (!canMeasurePss()) {
      return {
        keys: {},
        figures: [plain("memory of four children", "skipped: no /proc/<pid>/smaps_rollup")],
      };
    }
    const { dataDir } = await store.largeMarket();
    log("loading the row set");
    const touching = await openTouching(dataDir, BENCH_FUNCTIONS);
    try {
      const params = { bytes: scale.touchedBytes, holdMs: HOLD_MS };
      const children = await touching.start(CHILDREN, params);
      const sums = await sampleUntilSteady(children, () => touching.endings());
      const peak = Math.max(...sums);
      const gib = peak / GIB;
      const bytes = scale.touchedBytes / GIB;
      return {
        keys: { pssFourChildrenGiB: rounded(gib) },
        figures: [
          plain("bytes touched by each of four children", `${bytes.toFixed(3)} GiB`),
          barred("their memory together (PSS)", gib, " GiB", { max: 1.3 }, 3),
        ],
        details: { sharedMemory: { samples: sums.length, touchedGiB: bytes } },
      };
    } finally {
      await touching.close();
    }
  },
};

/** Sums of all children, until every one has had them all in memory for a while: the sum stops growing. */
async function sampleUntilSteady(
  pids: readonly number[],
  endings: () => readonly string[],
): Promise<number[]> {
  const sums: number[] = [];
  for (let steady = 0; steady < 10 && sums.length < 150;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const each = pids.map(pssOf);
    if (each.some((bytes) => bytes === 0)) {
      throw new Error(`A child ended before it was looked at: ${endings().join("; ").slice(0, 2_000)}`);
    }
    const sum = each.reduce((total, bytes) => total + bytes, 0);
    const last = sums.at(-1) ?? 0;
    // The children have the same: none of them is still on its way.
    const even = Math.max(...each) < 1.1 * Math.min(...each);
    steady = even && Math.abs(sum - last) < 2 ** 20 ? steady + 1 : 0;
    sums.push(sum);
  }
  return sums;
}
