import type * as kernels from "../../../shared/kernels/index.ts";
import type { SlotClock } from "../../../shared/kernels/index.ts";
import type { BarColumns } from "../support/bar-columns.ts";

/** One symbol's bars with everything that some kernel needs besides, and arrays to write into, all of one length. */
export interface KernelUnit extends BarColumns {
  /** 2 % everywhere: what a barrier is measured in. */
  readonly volatility: Float64Array;
  /** Minutes of the sessions of `clock`. */
  readonly ts: BigInt64Array;
  readonly dates: Int32Array;
  /** Session and slot of bars of five minutes. */
  readonly sessions: Float64Array;
  readonly slots: Float64Array;
  /** Groups of a cross-section. */
  readonly groups: Int32Array;
  readonly clock: SlotClock;
  readonly out: readonly [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  readonly flags: Int32Array;
  readonly bytes: readonly [Uint8Array, Uint8Array, Uint8Array];
  readonly whole: readonly [Int32Array, Int32Array, Int32Array];
}

/** How a kernel is measured: with the usual parameters, over one symbol after the other. */
export interface KernelCase {
  /** The parameters, for the table. */
  readonly with: string;
  /** Columns it gives. */
  readonly columns: number;
  readonly run: (unit: KernelUnit) => void;
}

/** Everything exported that can be called. */
export type KernelName = {
  [Name in keyof typeof kernels]: (typeof kernels)[Name] extends (...given: never[]) => unknown
    ? Name
    : never;
}[keyof typeof kernels];
