import { writeVarint } from "./varint.ts";

/** A dictionary of symbols, and the rows of each as runs: the bytes of the two pages without headers. */
export interface SymbolPages {
  readonly dictionary: Uint8Array;
  readonly indices: Uint8Array;
  readonly symbolCount: number;
  /** Smallest and largest symbol in the order of their UTF-8 bytes. */
  readonly min: Uint8Array;
  readonly max: Uint8Array;
}

/** Encodes consecutive runs of rows, each with a different symbol from its neighbours. */
export function encodeSymbols(
  runs: readonly { readonly symbol: string; readonly rowCount: number }[],
): SymbolPages {
  const encoder = new TextEncoder();
  const names = runs.map(({ symbol }) => encoder.encode(symbol));
  const dictionary = new Uint8Array(names.reduce((sum, name) => sum + 4 + name.length, 0));
  const view = new DataView(dictionary.buffer);
  let at = 0;
  for (const name of names) {
    view.setUint32(at, name.length, true);
    dictionary.set(name, at + 4);
    at += 4 + name.length;
  }
  const bounds = names.toSorted(compareBytes);
  return {
    dictionary,
    indices: encodeRuns(runs),
    symbolCount: names.length,
    min: bounds[0]!,
    max: bounds.at(-1)!,
  };
}

/** RLE with a leading byte for the bit width. Not every reader accepts width 0, which is legal for a single symbol. */
function encodeRuns(runs: readonly { readonly rowCount: number }[]): Uint8Array {
  const bitWidth = Math.max(1, 32 - Math.clz32(runs.length - 1));
  const indexBytes = Math.ceil(bitWidth / 8);
  const out = new Uint8Array(1 + runs.length * (5 + indexBytes));
  out[0] = bitWidth;
  let at = 1;
  runs.forEach(({ rowCount }, index) => {
    at = writeVarint(out, at, rowCount * 2);
    for (let byte = 0; byte < indexBytes; byte++) out[at++] = index >>> (8 * byte);
  });
  return out.subarray(0, at);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
