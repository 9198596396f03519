/** The ways in which a probe calls a feature's handler for each block of rows; `probeFeature` explains them. */
export const PROBE_MODES = ["cut", "look-back", "warm-up", "resume", "time"] as const;
export type ProbeMode = (typeof PROBE_MODES)[number];
