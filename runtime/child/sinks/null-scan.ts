/** The result of a scan; infinities are counted among the nulls. */
export interface NullScan {
  nullCount: number;
  infCount: number;
}

/**
 * Turns every value that is not finite into a null: clears its bit in `validity` and its bytes in `values`. `validity`
 * must start as all ones. Small and top-level on purpose, because engines compile such loops well, and did not when
 * the same lines were inside the sink.
 */
export function nullsToBits(
  values: Float64Array | Float32Array,
  validity: Uint8Array,
  found: NullScan,
): void {
  let nulls = 0;
  let infinities = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // x - x is 0 for finite numbers and NaN otherwise: one branch covers NaN and both infinities.
    if (value - value !== 0) {
      if (value === value) infinities++;
      validity[i >> 3]! &= ~(1 << (i & 7));
      values[i] = 0;
      nulls++;
    }
  }
  found.nullCount = nulls;
  found.infCount = infinities;
}

/** Turns every value that is not finite into the canonical NaN, which is the null of mapped columns. */
export function nullsToNaN(values: Float64Array | Float32Array, found: NullScan): void {
  let nulls = 0;
  let infinities = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0) {
      if (value === value) infinities++;
      values[i] = NaN;
      nulls++;
    }
  }
  found.nullCount = nulls;
  found.infCount = infinities;
}

/** Packs one byte per row into bits, clears the values of rows with 0, and returns how many there are. */
export function validBytesToBits(
  valid: Uint8Array,
  values: Int32Array | BigInt64Array | Uint8Array,
  validity: Uint8Array,
): number {
  let nulls = 0;
  for (let i = 0; i < valid.length; i++) {
    if (valid[i] === 0) {
      validity[i >> 3]! &= ~(1 << (i & 7));
      if (values instanceof BigInt64Array) values[i] = 0n;
      else values[i] = 0;
      nulls++;
    }
  }
  return nulls;
}

/** Packs bytes 0 and 1 into Arrow's bits. */
export function boolBytesToBits(values: Uint8Array, bits: Uint8Array): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0) bits[i >> 3]! |= 1 << (i & 7);
  }
}
