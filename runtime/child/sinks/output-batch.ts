import type { ResolvedColumn } from "../../../shared/contract/describe.ts";
import type { OutputValues } from "../../../shared/handler/output-arrays.ts";
import type { ResumedUnits } from "../resumed-units.ts";
import type { BatchFacts, OutputColumnFacts } from "../../../shared/protocol/child-message.ts";

export type { OutputValues };

/** A column of text; null means null. */
export interface OutputText {
  readonly text: readonly (string | null)[];
}

export type OutputColumn = OutputValues | OutputText;

/** Rows of whole units to be written to a file. The arrays are reused once the sink has returned. */
export interface OutputBatch {
  readonly rowCount: number;
  /** Symbol code and number of rows of each unit; empty if the result has no key. */
  readonly units: readonly { readonly symbol: number; readonly rowCount: number }[];
  /** Event time of the rows; null if the result has no key. */
  readonly ts: Int32Array | BigInt64Array | null;
  /** In the order of the declared outputs. */
  readonly columns: readonly OutputColumn[];
}

export interface SinkResult {
  readonly files: readonly {
    readonly file: string;
    readonly byteLength: number;
    readonly sha256: string | null;
  }[];
  readonly columns: readonly OutputColumnFacts[];
  readonly batches: readonly BatchFacts[];
  readonly checksumFile: string | null;
}

/** Receives batches and writes them in one file format. */
export interface OutputSink {
  /**
   * May change the batch's arrays: NaN and infinities become the format's null. If a sink keeps late rows separate,
   * they come after the settled rows of their symbols.
   */
  write(batch: OutputBatch, isLate?: boolean): void;
  /** `states` are the saved states of each unit that has settled rows, one after the other. */
  close(states?: Float64Array): SinkResult;
}

export interface SinkOptions {
  readonly outDir: string;
  readonly outputs: readonly ResolvedColumn[];
  /** The symbols that the codes of batches refer to. */
  readonly symbols: readonly string[];
  readonly tsType: "date32" | "timestamp";
  /** Whether the result has `symbol` and `ts`. */
  readonly keyed: boolean;
  /** Whether the rows are the function's own, so that column files must include their times. */
  readonly ownRows: boolean;
  /** What symbols resume from; null if they are all new. */
  readonly resume: ResumedUnits | null;
}

/** Counts the nulls and infinities of each output over all batches. */
export class OutputCounts {
  readonly #names: readonly string[];
  readonly #nulls: Float64Array;
  readonly #infinities: Float64Array;

  constructor(outputs: readonly ResolvedColumn[]) {
    this.#names = outputs.map((output) => output.name);
    this.#nulls = new Float64Array(outputs.length);
    this.#infinities = new Float64Array(outputs.length);
  }

  add(column: number, nullCount: number, infCount: number): void {
    this.#nulls[column]! += nullCount;
    this.#infinities[column]! += infCount;
  }

  facts(): OutputColumnFacts[] {
    return this.#names.map((name, i) => ({
      name,
      nullCount: this.#nulls[i]!,
      infCount: this.#infinities[i]!,
    }));
  }
}
