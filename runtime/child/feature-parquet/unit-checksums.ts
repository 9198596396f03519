import { checksumsPerUnit } from "../../../shared/row-checksum/index.ts";
import type { FeatureUnit, FeatureUnitSummary } from "./feature-parquet-types.ts";

/** The row-checksum words of every symbol so far; shared/row-checksum describes what they cover. */
export class UnitChecksums {
  readonly #perUnit: number;
  /** Loaded when a writer is created, so that an idle child starts sooner. */
  readonly #crc32 = process.getBuiltinModule("node:zlib").crc32;
  readonly #symbols: string[] = [];
  readonly #entries = new Map<string, number>();
  readonly #rowCounts: number[] = [];
  #words = new Uint32Array(64);

  constructor(columnCount: number) {
    this.#perUnit = checksumsPerUnit(columnCount);
  }

  /**
   * Returns the entry of the symbol whose rows come next, and the ordinal of the first of these rows. Rows of the most
   * recent symbol continue its entry.
   */
  enter({ symbol, previous }: FeatureUnit): { entry: number; ordinal: number } {
    const last = this.#symbols.length - 1;
    if (last >= 0 && this.#symbols[last] === symbol) return { entry: last, ordinal: this.#rowCounts[last]! };
    const entry = last + 1;
    this.#symbols.push(symbol);
    this.#entries.set(symbol, entry);
    this.#rowCounts.push(previous?.rowCount ?? 0);
    const end = (entry + 1) * this.#perUnit;
    if (end > this.#words.length) {
      const larger = new Uint32Array(Math.max(end, this.#words.length * 2));
      larger.set(this.#words);
      this.#words = larger;
    }
    if (previous !== undefined) this.#words.set(previous.checksums, entry * this.#perUnit);
    return { entry, ordinal: previous?.rowCount ?? 0 };
  }

  /** Word 0 covers `ts`; `1 + 2c` covers the values and `2 + 2c` the null ordinals of column `c`. */
  update(entry: number, word: number, bytes: Uint8Array): void {
    const at = entry * this.#perUnit + word;
    this.#words[at] = this.#crc32(bytes, this.#words[at]);
  }

  addRows(entry: number, rowCount: number): void {
    this.#rowCounts[entry]! += rowCount;
  }

  /** A symbol's state after its rows so far, from which later rows continue. */
  unitOf(symbol: string): FeatureUnit["previous"] {
    const entry = this.#entries.get(symbol);
    if (entry === undefined) return undefined;
    const checksums = this.#words.slice(entry * this.#perUnit, (entry + 1) * this.#perUnit);
    return { rowCount: this.#rowCounts[entry]!, checksums };
  }

  units(): FeatureUnitSummary[] {
    return this.#symbols.map((symbol, entry) => ({ symbol, rowCount: this.#rowCounts[entry]! }));
  }

  words(): Uint32Array {
    return this.#words.slice(0, this.#symbols.length * this.#perUnit);
  }
}
