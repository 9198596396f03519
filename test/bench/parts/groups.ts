import { dailyGroups, type GroupRequest, INTRADAY } from "../catalogue/group-request.ts";
import { groupFigure, publishGroups, type PublishedGroup } from "../catalogue/publish-group.ts";
import type { BenchPart, Figure } from "../support/bench-part.ts";
import { symbolName } from "../support/market.ts";
import { DATASET, type Imported } from "../support/store.ts";

/** Its stages hand hundreds of columns to each other: tens of gigabytes on the large market. */
const ON_SMALL_MARKET = ["alpha101"];

/**
 * What each group costs a row and column, published whole: on the market's 10 million rows, `alpha101` on 2 million, groups
 * of minutes on 2 million. `adjusted-bars` needs a column that no market here has: it is among the real data's.
 */
export const groups: BenchPart = {
  name: "groups",
  async run(context) {
    const { store } = context;
    const all: PublishedGroup[] = [];
    const failed: Figure[] = [];
    const publish = async ({ dataDir }: Imported, requests: readonly GroupRequest[]) => {
      const { published, failures } = await publishGroups(dataDir, DATASET, requests, context);
      all.push(...published);
      failed.push(...failures);
    };
    const daily = dailyGroups({ index: symbolName(0), adjusted: false });
    const isSmall = ({ function: name }: { readonly function: string }) => ON_SMALL_MARKET.includes(name);
    await publish(
      await store.market(),
      daily.filter((group) => !isSmall(group)),
    );
    await publish(await store.smallMarket(), daily.filter(isSmall));
    await publish(await store.minuteMarket(), INTRADAY);
    return {
      keys: {},
      figures: [...all.map(groupFigure), ...failed],
      details: { groups: all },
    };
  },
};
