/** How a feature's handler is called anew, block of rows by block of rows; see the probe. */
export const PROBE_MODES = ["cut", "look-back", "warm-up", "resume", "time"] as const;
export type ProbeMode = (typeof PROBE_MODES)[number];
