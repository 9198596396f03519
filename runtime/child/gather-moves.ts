import type { ColumnArray } from "../../shared/arrow/index.ts";
import type { MappedPart } from "./bind-columns.ts";

/** Buckets that a source is divided into: about a thousand rows each, 8 kB of a column, of a large result. */
const BUCKETS = 4096;

/** A part of a source as far as the way to a row of it goes. */
type SourcePart = Pick<MappedPart["part"], "firstRow" | "rowCount" | "fileRow">;

/**
 * From where to where the rows of a batch move, decided once and carried out for each column.
 *
 * Neighbours in one order are far apart in the other: read in the order of the target, every value of a column would come
 * from a page of its own. So moves are made in the order of the source, as near as buckets bring it: what is read lies
 * close together, and what is written goes on in as many places as the batch has units. 6,000 symbols by 500 days: 2 ns a
 * value, and 25 in the target's order.
 */
export class GatherMoves {
  readonly #parts: readonly SourcePart[];
  /** Source rows fall into buckets of 2^shift, none of which reaches from one part into the next. */
  readonly #shift: number;
  readonly #firstBucket: Int32Array;
  readonly #ends: Int32Array;
  /** Row within the part's file, and row within the batch. */
  #from = new Int32Array(0);
  #to = new Int32Array(0);
  #bucket = new Int32Array(0);

  /** `parts` ascend, and hold every row that will be asked for. */
  constructor(parts: readonly SourcePart[]) {
    const total = parts.reduce((sum, part) => sum + part.rowCount, 0);
    this.#parts = parts;
    this.#shift = Math.max(0, Math.ceil(Math.log2(Math.max(total, 1) / BUCKETS)));
    this.#firstBucket = new Int32Array(parts.length + 1);
    parts.forEach(({ rowCount }, i) => {
      this.#firstBucket[i + 1] = this.#firstBucket[i]! + (rowCount >> this.#shift) + 1;
    });
    this.#ends = new Int32Array(this.#firstBucket[parts.length]!);
  }

  /** Row `i` of the batch is to be row `positions[i]` of the source, for the first `rowCount` of them. */
  plan(positions: Int32Array, rowCount: number): void {
    if (this.#from.length < rowCount) {
      this.#from = new Int32Array(rowCount);
      this.#to = new Int32Array(rowCount);
      this.#bucket = new Int32Array(rowCount);
    }
    const [from, to, bucket, ends] = [this.#from, this.#to, this.#bucket, this.#ends];
    ends.fill(0);
    let index = 0;
    for (let i = 0; i < rowCount; i++) {
      const position = positions[i]!;
      if (!holds(this.#parts[index]!, position)) index = indexOfPart(this.#parts, position);
      const at = this.#firstBucket[index]! + ((position - this.#parts[index]!.firstRow) >> this.#shift);
      bucket[i] = at;
      ends[at]!++;
    }
    for (let at = 0, end = 0; at < ends.length; at++) {
      const count = ends[at]!;
      ends[at] = end;
      end += count;
    }
    for (let i = 0; i < rowCount; i++) to[ends[bucket[i]!]!++] = i;
    this.#parts.forEach(({ firstRow, fileRow = 0 }, part) => {
      const [first, end] = this.#movesOf(part);
      for (let move = first; move < end; move++) from[move] = positions[to[move]!]! - firstRow + fileRow;
    });
  }

  /** Moves the values of one column; `files` hold the parts it was made for. */
  moveValues(files: readonly ColumnArray[], target: ColumnArray): void {
    files.forEach((file, part) => {
      const [first, end] = this.#movesOf(part);
      if (target instanceof BigInt64Array) {
        if (file instanceof BigInt64Array) moveBigInts(file, target, this.#from, this.#to, first, end);
      } else if (!(file instanceof BigInt64Array)) {
        moveNumbers(file, target, this.#from, this.#to, first, end);
      }
    });
  }

  /** The same of validity: from bits to bytes. A part without a bitmap has no nulls. */
  moveValidity(bitmaps: readonly (Uint8Array | undefined)[], target: Uint8Array): void {
    bitmaps.forEach((bits, part) => {
      const [first, end] = this.#movesOf(part);
      for (let move = first; move < end; move++) {
        const row = this.#from[move]!;
        target[this.#to[move]!] = bits === undefined ? 1 : (bits[row >> 3]! >> (row & 7)) & 1;
      }
    });
  }

  /** After a plan every bucket holds where its moves end, so that a part's begin where those of the one before it do. */
  #movesOf(part: number): readonly [number, number] {
    const endOf = (bucket: number) => (bucket === 0 ? 0 : this.#ends[bucket - 1]!);
    return [endOf(this.#firstBucket[part]!), endOf(this.#firstBucket[part + 1]!)];
  }
}

/** A small function of its own, for engines to compile well. */
function moveNumbers(
  file: Exclude<ColumnArray, BigInt64Array>,
  target: Exclude<ColumnArray, BigInt64Array>,
  from: Int32Array,
  to: Int32Array,
  first: number,
  end: number,
): void {
  for (let move = first; move < end; move++) target[to[move]!] = file[from[move]!]!;
}

function moveBigInts(
  file: BigInt64Array,
  target: BigInt64Array,
  from: Int32Array,
  to: Int32Array,
  first: number,
  end: number,
): void {
  for (let move = first; move < end; move++) target[to[move]!] = file[from[move]!]!;
}

function holds({ firstRow, rowCount }: SourcePart, row: number): boolean {
  return row >= firstRow && row < firstRow + rowCount;
}

function indexOfPart(parts: readonly SourcePart[], row: number): number {
  let low = 0;
  let high = parts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (parts[middle]!.firstRow <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}
