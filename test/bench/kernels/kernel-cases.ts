import type { KernelCase, KernelName } from "./kernel-case.ts";
import { otherCases } from "./other-cases.ts";
import { recursiveCases } from "./recursive-cases.ts";
import { windowCases } from "./window-cases.ts";

/** Exported functions that do no work per row, and what is measured instead. */
const NOT_PER_ROW = {
  adxStateLength: "a length",
  alpha101HelperParams: "a schema",
  alpha101Stage: "the groups alpha101-terms to alpha101 are measured whole",
  bucketEnd: "one bucket",
  candleLookBack: "a length",
  chandelierStateLength: "a length",
  connorsRsiStateLength: "a length",
  fisherTransformStateLength: "a length",
  fractionalWeights: "once a call, within fractionalDifference",
  hmaLookBack: "a length",
  kamaStateLength: "a length",
  resumeKernelStateLength: "a length",
  resumeWindowStateLength: "a length",
  sessionIntervals: "one day",
  splitState: "once a call",
  starcStateLength: "a length",
  stateLengthOf: "a length",
  stochasticMomentumIndexStateLength: "a length",
  stochasticRsiStateLength: "a length",
  toInstant: "one bucket",
} satisfies Partial<Record<KernelName, string>>;

/** Every kernel that writes columns; the compiler says which one is missing here. */
export const kernelCases: Readonly<Record<Exclude<KernelName, keyof typeof NOT_PER_ROW>, KernelCase>> = {
  ...windowCases,
  ...recursiveCases,
  ...otherCases,
};
