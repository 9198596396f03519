import { dailyGroups, type GroupRequest, INTRADAY } from "../catalogue/group-request.ts";
import { groupFigure, publishGroups, type PublishedGroup } from "../catalogue/publish-group.ts";
import { type RealDatasets, realDatasets } from "../catalogue/real-datasets.ts";
import { plain, type BenchPart, type Figure } from "../support/bench-part.ts";

const GROUPS: Readonly<Record<RealDatasets["there"][number], readonly GroupRequest[]>> = {
  "us-daily": dailyGroups({ index: "SPY", adjusted: true }),
  "us-1min": INTRADAY,
  "cn-1min": [{ function: "adjusted-bars", params: { basis: "factor" } }, ...INTRADAY],
};

/** The whole catalogue published over real bars. */
export const catalogue: BenchPart = {
  name: "catalogue",
  async run(context) {
    const { dataDir, there, absent } = await realDatasets(context);
    const figures: Figure[] = absent.map(({ dataset, missing }) =>
      plain(dataset, `skipped: there is no ${missing}`),
    );
    const all: PublishedGroup[] = [];
    for (const dataset of there) {
      const { published, failures } = await publishGroups(dataDir, dataset, GROUPS[dataset], context);
      figures.push(...published.map(groupFigure), ...failures);
      all.push(...published);
    }
    const seconds = all.reduce((sum, group) => sum + group.seconds, 0);
    const bytes = all.reduce((sum, group) => sum + group.byteLength, 0);
    const totals = `${all.length} sets  ${seconds.toFixed(1)} s  ${(bytes / 1e6).toFixed(0)} MB`;
    return {
      keys: {},
      figures: [...figures, plain("all of them", totals)],
      details: { catalogue: all },
    };
  },
};
