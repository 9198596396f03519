import { describe, expect, test } from "vitest";
import { GatherMoves } from "../../../runtime/child/gather-moves.ts";
import { seededRandom } from "../../shared/kernels/series.ts";

/** Row 3 of the source has the value 3000, whichever part and file contain it. */
function makeSource(rowCounts: readonly number[]) {
  let firstRow = 0;
  const parts = rowCounts.map((rowCount, i) => {
    const part = { firstRow, rowCount, ...(i % 2 === 0 ? {} : { fileRow: 5 }) };
    firstRow += rowCount;
    return part;
  });
  const files = parts.map(({ firstRow: first, rowCount, fileRow = 0 }) =>
    Float64Array.from({ length: fileRow + rowCount }, (_, i) => (first + i - fileRow) * 1000),
  );
  return { parts, files, rowCount: firstRow };
}

function shuffled(length: number): Int32Array {
  const random = seededRandom(length);
  const rows = Int32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [rows[i], rows[other]] = [rows[other]!, rows[i]!];
  }
  return rows;
}

describe("moves of a gathered batch", () => {
  test.each([[[1]], [[40]], [[7, 1, 32, 60]], [[9000, 2, 11_000]]])(
    "bring every row to its place from parts of %j rows",
    (rowCounts) => {
      const { parts, files, rowCount } = makeSource(rowCounts);
      const moves = new GatherMoves(parts);
      const positions = shuffled(rowCount);
      // A long batch, a short one, an empty one, and the rest: what one leaves behind must not show in the next.
      const half = Math.ceil(rowCount / 2);
      for (const batch of [
        positions,
        positions.subarray(half),
        new Int32Array(0),
        positions.subarray(0, half),
      ]) {
        const target = new Float64Array(batch.length).fill(777);
        moves.plan(batch, batch.length);
        moves.moveValues(files, target);
        expect(target).toEqual(Float64Array.from(batch, (row) => row * 1000));
      }
    },
  );

  test("carry integers of both widths, and nulls from bits to bytes", () => {
    const { parts, files } = makeSource([10, 20]);
    const moves = new GatherMoves(parts);
    const positions = shuffled(30);
    moves.plan(positions, 30);
    const [ints, bigints, valid] = [new Int32Array(30), new BigInt64Array(30), new Uint8Array(30).fill(9)];
    moves.moveValues(
      files.map((file) => Int32Array.from(file)),
      ints,
    );
    moves.moveValues(
      files.map((file) => BigInt64Array.from(file, BigInt)),
      bigints,
    );
    expect(ints).toEqual(Int32Array.from(positions, (row) => row * 1000));
    expect(bigints).toEqual(BigInt64Array.from(positions, (row) => BigInt(row * 1000)));
    // Every third row of the second file is null; the first file has no nulls, and no bitmap.
    const bits = new Uint8Array(4).fill(0xff);
    for (let i = 0; i < 25; i += 3) bits[i >> 3]! &= ~(1 << (i & 7));
    moves.moveValidity([undefined, bits], valid);
    expect(valid).toEqual(
      Uint8Array.from(positions, (row) => (row < 10 || (row - 10 + 5) % 3 !== 0 ? 1 : 0)),
    );
  });

  test("go from the source's beginning to its end, bucket by bucket", () => {
    const { parts, rowCount } = makeSource([20_000]);
    const moves = new GatherMoves(parts);
    moves.plan(shuffled(rowCount), rowCount);
    // A file that records the order in which it is read.
    const reads: number[] = [];
    const file = new Proxy(new Float64Array(rowCount), {
      get(target, key) {
        if (typeof key === "string" && /^\d+$/.test(key)) reads.push(Number(key));
        return Reflect.get(target, key) as unknown;
      },
    });
    moves.moveValues([file], new Float64Array(rowCount));
    expect(reads).toHaveLength(rowCount);
    const buckets = reads.map((row) => row >> 3);
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
  });
});
