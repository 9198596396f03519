import { deltaBinaryPackedBytesMax, encodeDeltaFloat64, encodeDeltaInt32 } from "./delta-binary-packed.ts";
import type { Bounds } from "./column-statistics.ts";
import { ROW_GROUP_ROWS_MAX } from "./feature-parquet-types.ts";
import type { PageValues, ValueEncoder } from "./page-values.ts";
import { ENCODING } from "./parquet-format.ts";

export interface TsPage extends PageValues {
  readonly bounds: Bounds;
}

/** Encodes event times as packed differences, or plain if the differences would not be exact. */
export class TsEncoder {
  readonly #encoder: ValueEncoder;
  /** 64-bit times as doubles. */
  readonly #micros = new Float64Array(ROW_GROUP_ROWS_MAX);
  readonly #out = new Uint8Array(deltaBinaryPackedBytesMax(ROW_GROUP_ROWS_MAX));

  constructor(encoder: ValueEncoder) {
    this.#encoder = encoder;
  }

  /** Requires at least one row. */
  encode(ts: Int32Array | BigInt64Array): TsPage {
    return ts instanceof Int32Array ? this.#encodeDays(ts) : this.#encodeMicros(ts);
  }

  #encodeDays(ts: Int32Array): TsPage {
    let min = Infinity;
    let max = -Infinity;
    for (let i = 0; i < ts.length; i++) {
      const day = ts[i]!;
      if (day < min) min = day;
      if (day > max) max = day;
    }
    // Beyond this, the format's differences would wrap around.
    const isNarrow = max - min < 0x8000_0000;
    return {
      ...(isNarrow ? this.#packed(encodeDeltaInt32(ts, ts.length, this.#out)) : this.#plain(ts)),
      bounds: { min, max },
    };
  }

  #encodeMicros(ts: BigInt64Array): TsPage {
    const words = new Int32Array(ts.buffer, ts.byteOffset, ts.length * 2);
    const micros = this.#micros;
    let min = Infinity;
    let max = -Infinity;
    for (let i = 0; i < ts.length; i++) {
      // Reading a bigint allocates it; two 32-bit words give the same number below 2^53.
      const value = words[2 * i + 1]! * 0x1_0000_0000 + (words[2 * i]! >>> 0);
      micros[i] = value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (max < 2 ** 51 && min > -(2 ** 51)) {
      const bounds = { min: BigInt(min), max: BigInt(max) };
      return { ...this.#packed(encodeDeltaFloat64(micros, ts.length, this.#out)), bounds };
    }
    const exact = { min: ts[0]!, max: ts[0]! };
    for (const value of ts) {
      if (value < exact.min) exact.min = value;
      if (value > exact.max) exact.max = value;
    }
    return { ...this.#plain(ts), bounds: exact };
  }

  #packed(byteLength: number): PageValues {
    return this.#encoder.pack(ENCODING.deltaBinaryPacked, this.#out.subarray(0, byteLength));
  }

  #plain(ts: Int32Array | BigInt64Array): PageValues {
    return this.#encoder.pack(ENCODING.plain, new Uint8Array(ts.buffer, ts.byteOffset, ts.byteLength));
  }
}
