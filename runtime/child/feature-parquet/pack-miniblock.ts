const VALUES = 32;

/**
 * Packs 32 values of `width` bits (1 to 32), lowest bits first, into `4 * width` bytes at `offset`, overwriting what
 * was there. Eight values make `width` whole bytes; trading days need 2 or 3 bits, so these fit in one word.
 */
export function packMiniblock(
  values: Int32Array,
  first: number,
  width: number,
  out: Uint8Array,
  offset: number,
): void {
  if (width > 4) return packBytewise(values, first, width, out, offset);
  let at = offset;
  for (let i = first; i < first + VALUES; i += 8) {
    let word =
      values[i]! |
      (values[i + 1]! << width) |
      (values[i + 2]! << (2 * width)) |
      (values[i + 3]! << (3 * width)) |
      (values[i + 4]! << (4 * width)) |
      (values[i + 5]! << (5 * width)) |
      (values[i + 6]! << (6 * width)) |
      (values[i + 7]! << (7 * width));
    for (let byte = 0; byte < width; byte++) {
      out[at++] = word;
      word >>>= 8;
    }
  }
}

function packBytewise(
  values: Int32Array,
  first: number,
  width: number,
  out: Uint8Array,
  offset: number,
): void {
  let at = offset;
  let waiting = 0;
  let waitingBits = 0;
  for (let i = first; i < first + VALUES; i++) {
    let rest = values[i]!;
    let left = width;
    // At most 24 bits at a time: with the up to 7 pending bits they fit in 31.
    while (left > 0) {
      const taken = Math.min(left, 24);
      waiting |= (rest & ((1 << taken) - 1)) << waitingBits;
      waitingBits += taken;
      rest >>>= taken;
      left -= taken;
      while (waitingBits >= 8) {
        out[at++] = waiting;
        waiting >>>= 8;
        waitingBits -= 8;
      }
    }
  }
}

/** The same for up to 54 bits per value, in doubles. */
export function packWideMiniblock(
  values: Float64Array,
  first: number,
  width: number,
  out: Uint8Array,
  offset: number,
): void {
  out.fill(0, offset, offset + width * (VALUES / 8));
  let bit = offset * 8;
  for (let i = first; i < first + VALUES; i++) {
    let rest = values[i]!;
    let left = width;
    while (left > 0) {
      const shift = bit & 7;
      const taken = Math.min(8 - shift, left);
      const scale = 2 ** taken;
      out[bit >> 3]! |= (rest % scale) << shift;
      rest = Math.floor(rest / scale);
      bit += taken;
      left -= taken;
    }
  }
}
