import type { ColumnExpression } from "./column-expression.ts";

/** Puts each value at its position; values with a negative position are left out. */
export function scatter(
  raw: Uint8Array,
  { byteWidth, widen }: Pick<ColumnExpression, "byteWidth" | "widen">,
  places: Int32Array,
  target: ArrayBufferView,
): void {
  const { buffer, byteOffset, byteLength } = target;
  if (widen) {
    scatterElements(
      new Float32Array(raw.buffer, raw.byteOffset, places.length),
      places,
      new Float64Array(buffer, byteOffset, byteLength >> 3),
    );
  } else if (byteWidth === 1) {
    scatterElements(raw, places, new Uint8Array(buffer, byteOffset, byteLength));
  } else if (byteWidth === 4) {
    scatterElements(
      new Int32Array(raw.buffer, raw.byteOffset, places.length),
      places,
      new Int32Array(buffer, byteOffset, byteLength >> 2),
    );
  } else {
    scatterPairs(
      new Int32Array(raw.buffer, raw.byteOffset, places.length * 2),
      places,
      new Int32Array(buffer, byteOffset, byteLength >> 2),
    );
  }
}

type Elements = Float32Array | Float64Array | Int32Array | Uint8Array;

function scatterElements(values: Elements, places: Int32Array, target: Elements): void {
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (place >= 0) target[place] = values[i]!;
  }
}

/** Moves eight-byte values as two halves, so that any bit pattern is preserved and no bigint is created. */
function scatterPairs(values: Int32Array, places: Int32Array, target: Int32Array): void {
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (place < 0) continue;
    target[2 * place] = values[2 * i]!;
    target[2 * place + 1] = values[2 * i + 1]!;
  }
}
