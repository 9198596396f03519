import { plain, type BenchPart } from "../support/bench-part.ts";

/** The import of the market that the other parts use: reported, no part of their figures. */
export const importing: BenchPart = {
  name: "import",
  async run({ store }) {
    store.forget("market");
    const { figures } = await store.market();
    if (figures === null) throw new Error("The market was there although it had been removed");
    const { rowCount, seconds, fileCount } = figures;
    return {
      keys: {},
      figures: [
        plain("rows imported", rowCount.toLocaleString("en-US")),
        plain("import, the command's start included", `${seconds.toFixed(1)} s`),
        plain("rows per second", Math.round(rowCount / seconds).toLocaleString("en-US")),
      ],
      details: { import: { rowCount, seconds, fileCount } },
    };
  },
};
