import { plain, type BenchPart } from "../support/bench-part.ts";
import { publishOnce } from "../support/publish-once.ts";
import { startServer } from "../support/quiver-server.ts";
import { removeFeatures, removeSpool } from "../support/store.ts";

/** A dataset that came as one file per day: its import, and a publish that must bring it into symbol order. */
export const dayFiles: BenchPart = {
  name: "day-files",
  async run({ store, signal }) {
    store.forget("days");
    const { dataDir, figures } = await store.dayFiles();
    if (figures === null) throw new Error("The dataset was there although it had been removed");
    removeSpool(dataDir);
    const server = await startServer({ dataDir, signal });
    try {
      const first = await publishOnce(server, "rsi-macd", {}, {});
      removeFeatures(dataDir);
      const second = await publishOnce(server, "rsi-macd", {}, {});
      const { fileCount, rowCount, seconds } = figures;
      return {
        keys: {},
        figures: [
          plain("files / rows", `${fileCount.toLocaleString("en-US")} / ${rowCount.toLocaleString("en-US")}`),
          plain("import", `${seconds.toFixed(2)} s`),
          plain("publish rsi-macd, spool empty", `${first.milliseconds.toFixed(0)} ms`),
          plain("  of it load", `${(first.stages["load"] ?? 0).toFixed(0)} ms`),
          plain("publish rsi-macd, columns loaded", `${second.milliseconds.toFixed(0)} ms`),
        ],
        details: { dayFiles: { ...figures, first, second } },
      };
    } finally {
      await server.stop();
      removeFeatures(dataDir);
    }
  },
};
