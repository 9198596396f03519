import { barred, plain, type BenchPart } from "../support/bench-part.ts";
import { canMeasurePss, watchPss } from "../support/process-tree.ts";
import { publishOnce } from "../support/publish-once.ts";
import { type QuiverServer, startServer } from "../support/quiver-server.ts";
import { median, rounded } from "../support/statistics.ts";
import { removeFeatures, removeSpool, rowCountOf } from "../support/store.ts";

const GIB = 2 ** 30;
const ROUNDS_MAX = 3;

/** Five times the rows: time per row beside the smaller publish, and memory of the whole process tree. */
export const largePublish: BenchPart = {
  name: "large-publish",
  async run({ store, scale, signal, log }) {
    const small = await store.market();
    const large = await store.largeMarket();
    const times = { small: [] as number[], large: [] as number[] };
    for (const { dataDir } of [small, large]) removeSpool(dataDir);
    const flags = ["--spool-bytes", "1MiB"];
    const [smallServer, largeServer] = [
      await startServer({ dataDir: small.dataDir, flags, signal }),
      await startServer({ dataDir: large.dataDir, flags, signal }),
    ];
    try {
      for (let round = 0; round <= Math.min(scale.rounds, ROUNDS_MAX); round++) {
        log(`large publish, round ${round}`);
        const one = await timed(smallServer, small.dataDir);
        const five = await timed(largeServer, large.dataDir);
        if (round === 0) continue;
        times.small.push(one);
        times.large.push(five);
      }
      log("large publish, memory watched");
      const watching = canMeasurePss() ? watchPss(largeServer.pid) : undefined;
      await timed(largeServer, large.dataDir);
      const peak = watching?.();
      const rows = { small: rowCountOf(small.dataDir), large: rowCountOf(large.dataDir) };
      const perRow = median(times.large) / rows.large / (median(times.small) / rows.small);
      return {
        keys: {
          publish50mPeakGiB: peak === undefined ? null : rounded(peak / GIB),
          publish50mPerRowVs10m: rounded(perRow),
        },
        figures: [
          plain("rows of the large publish", rows.large.toLocaleString("en-US")),
          plain("large publish", `${(median(times.large) / 1000).toFixed(2)} s`),
          peak === undefined
            ? plain("peak memory of the process tree", "skipped: no /proc/<pid>/smaps_rollup")
            : barred("peak memory of the process tree (PSS)", peak / GIB, " GiB", { max: 3 }),
          barred("time per row over that of the small publish", perRow, "", { max: 1.3 }),
        ],
        details: { largePublish: { times, rows } },
      };
    } finally {
      await Promise.all([smallServer.stop(), largeServer.stop()]);
      for (const { dataDir } of [small, large]) removeFeatures(dataDir);
    }
  },
};

async function timed(server: QuiverServer, dataDir: string): Promise<number> {
  removeFeatures(dataDir);
  // Children start in the background.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return (await publishOnce(server, "rsi-macd", {}, {})).milliseconds;
}
