import type { CandlePatternName } from "../../shared/kernels/index.ts";

/** Open, high, low, close. */
export type Bar = readonly [open: number, high: number, low: number, close: number];

/** The last bars of a panel: where they end with the pattern, and where one price too far keeps it from being one. */
export interface Panel {
  readonly there: readonly Bar[];
  readonly gives: 100 | -100;
  readonly missed: readonly Bar[];
  /** Turned upside down, the panel gives the other sign. */
  readonly mirrors?: true;
}

/**
 * Bars before each panel: 20 of them, body 10, shadows 5 and 5, range 20, white and black in turn, the last one black.
 * So at a panel's first bar a body is long above 10, a doji up to 2, a shadow very short below 2 and short below 5;
 * near is 4, far 12, equal 1.
 */
export const BEFORE: readonly Bar[] = Array.from({ length: 20 }, (_, i) =>
  i % 2 === 0 ? [1000, 1015, 995, 1010] : [1010, 1015, 995, 1000],
);

/** The same upside down: rises become falls, and what stood around 1005 still does. */
export function mirror(bars: readonly Bar[]): Bar[] {
  return bars.map(([open, high, low, close]) => [2010 - open, 2010 - low, 2010 - high, 2010 - close]);
}

/** A long black bar from 1020 to 1000. */
const FALL: Bar = [1020, 1025, 995, 1000];
const SMALL_STAR: Bar = [990, 995, 985, 993];
const DOJI_STAR: Bar = [990, 995, 985, 991];
const SOLDIERS: readonly Bar[] = [
  [1000, 1016, 995, 1015],
  [1010, 1026, 1005, 1025],
];
const METHODS: readonly Bar[] = [
  [1000, 1035, 995, 1030],
  [1028, 1030, 1018, 1022],
  [1022, 1025, 1012, 1016],
  [1016, 1018, 1005, 1010],
];

export const PANELS: Readonly<Record<CandlePatternName, Panel>> = {
  doji: { gives: 100, there: [[1000, 1010, 990, 1002]], missed: [[1000, 1010, 990, 1003]] },
  dragonfly_doji: { gives: 100, there: [[1000, 1002, 980, 1001]], missed: [[1000, 1003, 980, 1001]] },
  gravestone_doji: { gives: 100, there: [[1000, 1020, 999, 1001]], missed: [[1000, 1020, 998, 1001]] },
  long_legged_doji: { gives: 100, there: [[1000, 1005, 999, 1002]], missed: [[1000, 1004, 999, 1002]] },
  rickshaw_man: { gives: 100, there: [[1000, 1012, 996, 1001]], missed: [[1000, 1020, 998, 1001]] },
  takuri: { gives: 100, there: [[1000, 1002, 995, 1002]], missed: [[1000, 1002, 996, 1002]] },
  marubozu: {
    gives: 100,
    mirrors: true,
    there: [[1000, 1021, 999, 1020]],
    missed: [[1000, 1022, 999, 1020]],
  },
  closing_marubozu: {
    gives: 100,
    mirrors: true,
    there: [[1000, 1021, 990, 1020]],
    missed: [[1000, 1022, 990, 1020]],
  },
  belt_hold: {
    gives: 100,
    mirrors: true,
    there: [[1000, 1030, 999, 1020]],
    missed: [[1000, 1030, 998, 1020]],
  },
  spinning_top: {
    gives: 100,
    mirrors: true,
    there: [[1000, 1011, 990, 1005]],
    missed: [[1000, 1010, 990, 1005]],
  },
  high_wave: {
    gives: 100,
    mirrors: true,
    there: [[1000, 1016, 989, 1005]],
    missed: [[1000, 1016, 990, 1005]],
  },
  long_line: {
    gives: 100,
    mirrors: true,
    there: [[1000, 1024, 996, 1020]],
    missed: [[1000, 1025, 996, 1020]],
  },
  short_line: {
    gives: 100,
    mirrors: true,
    there: [[1000, 1009, 996, 1005]],
    missed: [[1000, 1009, 995, 1005]],
  },
  // The bar before has its low at 995 and its high at 1015: near them is up to 999, and from 1011.
  hammer: { gives: 100, there: [[999, 1004, 985, 1003]], missed: [[1000, 1005, 986, 1004]] },
  hanging_man: { gives: -100, there: [[1011, 1016, 1000, 1015]], missed: [[1010, 1015, 999, 1014]] },
  // The body before reaches from 1000 to 1010.
  inverted_hammer: { gives: 100, there: [[994, 1014, 993, 999]], missed: [[995, 1015, 994, 1000]] },
  shooting_star: { gives: -100, there: [[1011, 1030, 1010, 1015]], missed: [[1010, 1029, 1009, 1014]] },
  engulfing: {
    gives: 100,
    mirrors: true,
    there: [[999, 1020, 990, 1011]],
    missed: [[1000, 1020, 990, 1011]],
  },
  harami: {
    gives: 100,
    mirrors: true,
    there: [FALL, [1001, 1012, 999, 1010]],
    missed: [FALL, [1000, 1012, 999, 1010]],
  },
  harami_cross: {
    gives: 100,
    mirrors: true,
    there: [FALL, [1005, 1012, 1003, 1007]],
    missed: [FALL, [1005, 1012, 1003, 1008]],
  },
  piercing: {
    gives: 100,
    there: [FALL, [990, 1015, 989, 1011]],
    missed: [FALL, [990, 1015, 989, 1010]],
  },
  dark_cloud_cover: {
    gives: -100,
    there: [
      [1000, 1025, 995, 1020],
      [1030, 1031, 1004, 1009],
    ],
    missed: [
      [1000, 1025, 995, 1020],
      [1030, 1031, 1004, 1010],
    ],
  },
  doji_star: {
    gives: 100,
    mirrors: true,
    there: [FALL, [998, 1004, 993, 999]],
    missed: [FALL, [999, 1004, 994, 1000]],
  },
  homing_pigeon: {
    gives: 100,
    there: [FALL, [1010, 1012, 1000, 1001]],
    missed: [FALL, [1010, 1012, 1000, 1000]],
  },
  matching_low: {
    gives: 100,
    there: [
      [1010, 1015, 995, 1000],
      [1010, 1015, 995, 1001],
    ],
    missed: [
      [1010, 1015, 995, 1000],
      [1010, 1015, 995, 1002],
    ],
  },
  counterattack: {
    gives: 100,
    mirrors: true,
    there: [FALL, [980, 1005, 975, 1001]],
    missed: [FALL, [980, 1005, 975, 1002]],
  },
  kicking: {
    gives: 100,
    mirrors: true,
    there: [
      [1020, 1021, 999, 1000],
      [1023, 1044, 1022, 1043],
    ],
    missed: [
      [1020, 1021, 999, 1000],
      [1022, 1043, 1021, 1042],
    ],
  },
  morning_star: {
    gives: 100,
    there: [FALL, SMALL_STAR, [994, 1012, 992, 1007]],
    missed: [FALL, SMALL_STAR, [994, 1012, 992, 1006]],
  },
  evening_star: {
    gives: -100,
    there: mirror([FALL, SMALL_STAR, [994, 1012, 992, 1007]]),
    missed: mirror([FALL, SMALL_STAR, [994, 1012, 992, 1006]]),
  },
  morning_doji_star: {
    gives: 100,
    there: [FALL, DOJI_STAR, [994, 1012, 992, 1007]],
    missed: [FALL, SMALL_STAR, [994, 1012, 992, 1007]],
  },
  evening_doji_star: {
    gives: -100,
    there: mirror([FALL, DOJI_STAR, [994, 1012, 992, 1007]]),
    missed: mirror([FALL, SMALL_STAR, [994, 1012, 992, 1007]]),
  },
  abandoned_baby: {
    gives: 100,
    mirrors: true,
    there: [FALL, [985, 990, 980, 986], [992, 1012, 991, 1010]],
    missed: [FALL, [985, 990, 980, 986], [992, 1012, 990, 1010]],
  },
  three_inside: {
    gives: 100,
    mirrors: true,
    there: [FALL, [1005, 1012, 1003, 1010], [1010, 1026, 1008, 1021]],
    missed: [FALL, [1005, 1012, 1003, 1010], [1010, 1026, 1008, 1020]],
  },
  three_outside: {
    gives: 100,
    mirrors: true,
    there: [
      [999, 1020, 990, 1011],
      [1010, 1020, 1005, 1012],
    ],
    missed: [
      [999, 1020, 990, 1011],
      [1010, 1020, 1005, 1011],
    ],
  },
  three_white_soldiers: {
    gives: 100,
    there: [...SOLDIERS, [1020, 1036, 1015, 1035]],
    missed: [...SOLDIERS, [1020, 1036, 1015, 1031]],
  },
  three_black_crows: {
    gives: -100,
    there: [
      [1000, 1015, 995, 1010],
      [1012, 1015, 999, 1000],
      [1001, 1008, 989, 990],
      [991, 998, 979, 980],
    ],
    missed: [
      [1000, 1015, 995, 1010],
      [1012, 1015, 999, 1000],
      [1001, 1008, 989, 990],
      [990, 998, 979, 980],
    ],
  },
  rise_fall_three_methods: {
    gives: 100,
    mirrors: true,
    there: [...METHODS, [1012, 1045, 1010, 1031]],
    missed: [...METHODS, [1012, 1045, 1010, 1030]],
  },
};
