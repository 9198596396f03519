/**
 * `quiver/kernels`: column maths over typed arrays. Every kernel is a pure function that writes each element of
 * the outputs it is given (same length as the input, not overlapping it), allocates nothing per bar, and gives
 * the same bits on every runtime.
 */
export { ema } from "./averages/ema.ts";
export { type Seeding, type SmoothingOptions, smoothingStateLength } from "./averages/smoothing.ts";
export { wilder } from "./averages/wilder.ts";
export { macd, type MacdParams, macdStateLength } from "./momentum/macd.ts";
export { rsi, type RsiOptions, rsiStateLength } from "./momentum/rsi.ts";
export { localDates, localMicros, toInstant, type UtcOffsets } from "./sessions/local-time.ts";
export { bucketEnd, sessionBuckets, type SessionClock } from "./sessions/session-buckets.ts";
