import {
  alma,
  dema,
  demaStateLength,
  ema,
  epma,
  hma,
  hmaLookBack,
  kama,
  kamaStateLength,
  rollingMean,
  smoothingStateLength,
  t3,
  t3StateLength,
  tema,
  temaStateLength,
  wilder,
  wma,
} from "quiver/kernels";
import type { Average, AveragesParams } from "./params.ts";

/** An average over a window. `lookBack` is the number of earlier bars that it needs. */
export interface WindowedAverage {
  readonly lookBack: (period: number) => number;
  readonly run: (
    close: Float64Array,
    period: number,
    out: Float64Array,
    params: AveragesParams,
    ordinal: number,
  ) => void;
}

/** A recursive average. After `warmUp` bars its start matters less than 1e-9. */
export interface RecursiveAverage {
  readonly stateLength: (period: number) => number;
  readonly warmUp: (period: number, params: AveragesParams) => number;
  readonly run: (
    close: Float64Array,
    period: number,
    out: Float64Array,
    params: AveragesParams,
    state: Float64Array,
  ) => void;
}

export const WINDOWED: Partial<Readonly<Record<Average, WindowedAverage>>> = {
  sma: {
    lookBack: (period) => period - 1,
    run: (close, period, out, _, ordinal) => rollingMean(close, period, out, { ordinal }),
  },
  wma: {
    lookBack: (period) => period - 1,
    run: (close, period, out, _, ordinal) => wma(close, period, out, { ordinal }),
  },
  hma: {
    lookBack: hmaLookBack,
    run: (close, period, out, _, ordinal) => hma(close, period, out, { ordinal }),
  },
  alma: {
    lookBack: (period) => period - 1,
    run: (close, period, out, { alma_offset: offset, alma_sigma: sigma }) =>
      alma(close, period, out, { offset, sigma }),
  },
  epma: {
    lookBack: (period) => period - 1,
    run: (close, period, out, _, ordinal) => epma(close, period, out, { ordinal }),
  },
};

export const RECURSIVE: Partial<Readonly<Record<Average, RecursiveAverage>>> = {
  ema: {
    stateLength: () => smoothingStateLength,
    warmUp: (period) => 10.4 * (period + 1),
    run: (close, period, out, { seeding }, state) => ema(close, period, out, { seeding, state }),
  },
  smma: {
    stateLength: () => smoothingStateLength,
    warmUp: (period) => 20.8 * period,
    run: (close, period, out, { seeding }, state) => wilder(close, period, out, { seeding, state }),
  },
  dema: {
    stateLength: () => demaStateLength,
    warmUp: (period) => 12 * (period + 1),
    run: (close, period, out, { seeding }, state) => dema(close, period, out, { seeding, state }),
  },
  tema: {
    stateLength: () => temaStateLength,
    warmUp: (period) => 13.4 * (period + 1),
    run: (close, period, out, { seeding }, state) => tema(close, period, out, { seeding, state }),
  },
  kama: {
    stateLength: kamaStateLength,
    // The bound for a price that only oscillates; after a move in one direction, the start matters less sooner.
    warmUp: (period, { kama_fast: fast, kama_slow: slow }) =>
      period + 20.8 * ((Math.max(fast, slow) + 1) / 2) ** 2,
    run: (close, period, out, { kama_fast: fast, kama_slow: slow }, state) =>
      kama(close, { period, fast, slow }, out, { state }),
  },
  t3: {
    stateLength: () => t3StateLength,
    warmUp: (period) => 16.3 * (period + 1),
    run: (close, period, out, { t3_factor: volumeFactor }, state) =>
      t3(close, period, out, { volumeFactor, state }),
  },
};
