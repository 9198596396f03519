/**
 * The facts about symbols after their last row: everything that later rows need from earlier ones. Arrays are
 * parallel.
 */
export interface UnitFacts {
  readonly symbols: readonly string[];
  /** Rows of each symbol so far. */
  readonly rowCounts: readonly number[];
  /** In days or microseconds. */
  readonly lastTs: readonly number[];
  /** Number of row-checksum words per symbol. */
  readonly wordCount: number;
  readonly words: Uint32Array;
  /** Doubles of saved state per symbol; 0 if the function keeps none. */
  readonly stateLength: number;
  readonly states: Float64Array;
}

/** The facts about one file with all rows of some symbols, or with their latest rows. */
export interface FileFacts {
  readonly file: string;
  /** Whether its rows follow the settled rows of their symbols. The rows of all other files are settled. */
  readonly isLate: boolean;
  readonly rowCount: number;
  readonly firstSymbol: string;
  readonly lastSymbol: string;
  /** One per output. */
  readonly nullCounts: readonly number[];
  readonly infCounts: readonly number[];
  /** In days or microseconds; null for a file without rows. */
  readonly firstTs: number | null;
  readonly lastTs: number | null;
}

/** The file, in a partition's folder, with the facts of units as of their last late row. */
export const LATE_UNITS_FILE = "late-units.bin";

const MAGIC = "QVUNITS1";
const PREFIX_BYTES = 16;

/**
 * Encodes facts as one file: eight letters, the length of a JSON header (uint32, then four zeros), the header, padded
 * so that what follows is aligned; then states (float64) and words (uint32), little-endian. `more` is added to the
 * header.
 */
export function encodeUnitFacts(facts: UnitFacts, more: Readonly<Record<string, unknown>> = {}): Uint8Array {
  const { symbols, rowCounts, lastTs, wordCount, words, stateLength, states } = facts;
  const header = new TextEncoder().encode(
    JSON.stringify({ more, symbols, rowCounts, lastTs, wordCount, stateLength }),
  );
  const headerBytes = Math.ceil(header.length / 8) * 8;
  const dataStart = PREFIX_BYTES + headerBytes;
  const bytes = new Uint8Array(dataStart + states.byteLength + words.byteLength);
  bytes.set(new TextEncoder().encode(MAGIC));
  new DataView(bytes.buffer).setUint32(8, header.length, true);
  bytes.set(header, PREFIX_BYTES);
  bytes.set(bytesOf(states), dataStart);
  bytes.set(bytesOf(words), dataStart + states.byteLength);
  return bytes;
}

/** Decodes facts from a file's bytes, as copies; undefined if `encodeUnitFacts` did not write them. */
export function decodeUnitFacts(
  file: Uint8Array,
): { readonly facts: UnitFacts; readonly more: Readonly<Record<string, unknown>> } | undefined {
  // `slice` of a Node buffer gives a view, but of a plain array a copy.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < PREFIX_BYTES) return undefined;
  if (new TextDecoder().decode(bytes.slice(0, MAGIC.length)) !== MAGIC) return undefined;
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  const header = parsed(bytes.slice(PREFIX_BYTES, PREFIX_BYTES + headerLength));
  if (!isHeader(header)) return undefined;
  const { more, symbols, rowCounts, lastTs, wordCount, stateLength } = header;
  const statesAt = PREFIX_BYTES + Math.ceil(headerLength / 8) * 8;
  const wordsAt = statesAt + symbols.length * stateLength * 8;
  const end = wordsAt + symbols.length * wordCount * 4;
  if (end !== bytes.length) return undefined;
  const states = new Float64Array(bytes.slice(statesAt, wordsAt).buffer);
  const words = new Uint32Array(bytes.slice(wordsAt, end).buffer);
  return { facts: { symbols, rowCounts, lastTs, wordCount, words, stateLength, states }, more };
}

function bytesOf(values: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // A truncated or overwritten file counts as missing.
    return undefined;
  }
}

type Header = Omit<UnitFacts, "states" | "words"> & { readonly more: Readonly<Record<string, unknown>> };

function isHeader(value: unknown): value is Header {
  if (typeof value !== "object" || value === null) return false;
  if (!("more" in value) || typeof value.more !== "object" || value.more === null) return false;
  if (!("symbols" in value) || !("rowCounts" in value) || !("lastTs" in value)) return false;
  if (!("wordCount" in value) || !("stateLength" in value)) return false;
  const lists: readonly unknown[] = [value.symbols, value.rowCounts, value.lastTs];
  const lengths = lists.map((list) => (Array.isArray(list) ? list.length : -1));
  const counts = [value.wordCount, value.stateLength];
  return (
    lengths.every((length) => length >= 0 && length === lengths[0]) &&
    counts.every((count) => Number.isInteger(count) && Number(count) >= 0)
  );
}
