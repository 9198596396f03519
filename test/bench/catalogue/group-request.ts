import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** How one group is published: what a request has beside the dataset. */
export interface GroupRequest {
  readonly function: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly inputs?: Readonly<Record<string, { readonly function: string }>>;
}

/** Groups over minutes. */
export const INTRADAY: readonly GroupRequest[] = [
  { function: "calendar" },
  { function: "relative-volume" },
  { function: "volume-liquidity" },
  { function: "resample" },
  { function: "realized-intraday" },
];

/** Groups that refuse days, and give a row for many. */
export const ONLY_INTRADAY: readonly string[] = ["resample", "realized-intraday"];
/** Stages that `alpha101` runs by itself. */
const ALPHA101_STAGES = ["alpha101-terms", "alpha101-ranks", "alpha101-series", "alpha101-reranks"];
const ADJUSTED = { bars: { function: "adjusted-bars" } };

/** How a group is asked for where its defaults are not right for days. */
const DAILY: Readonly<Record<string, (index: string, adjusted: boolean) => Omit<GroupRequest, "function">>> =
  {
    "adjusted-bars": () => ({}),
    alpha101: (_, adjusted) => (adjusted ? { params: { bars: "adjusted-bars" } } : {}),
    calendar: () => ({}),
    // Its values are the function returns of the dataset's own bars.
    "cross-section": () => ({}),
    "market-model": (index, adjusted) => ({
      params: { index },
      // One price series must not be adjusted without the other, which both inputs are.
      ...(adjusted ? { inputs: { ...ADJUSTED, market: { function: "adjusted-bars" } } } : {}),
    }),
    "relative-volume": (_, adjusted) => ({
      params: { bars_per_day: 1 },
      ...(adjusted ? { inputs: ADJUSTED } : {}),
    }),
  };

/**
 * Every group there is over days, whatever is added to the folder of functions: on adjusted bars or on the bars as they
 * are. `index` stands for the market where one is needed.
 */
export function dailyGroups(options: {
  readonly index: string;
  readonly adjusted: boolean;
}): readonly GroupRequest[] {
  const { index, adjusted } = options;
  return readdirSync(fileURLToPath(new URL("../../../functions", import.meta.url)), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => !ONLY_INTRADAY.includes(name) && !ALPHA101_STAGES.includes(name))
    .filter((name) => adjusted || name !== "adjusted-bars")
    .sort()
    .map((name) => ({
      function: name,
      ...(DAILY[name]?.(index, adjusted) ?? (adjusted ? { inputs: ADJUSTED } : {})),
    }));
}
