import type { ResolvedColumn } from "../../../shared/contract/describe.ts";
import type { OutputValues } from "../../../shared/handler/output-arrays.ts";
import type { ResumedUnits } from "../resumed-units.ts";
import type { BatchFacts, OutputColumnFacts } from "../../../shared/protocol/child-message.ts";

export type { OutputValues };

/** A column of text; null is null. */
export interface OutputText {
  readonly text: readonly (string | null)[];
}

export type OutputColumn = OutputValues | OutputText;

/** Rows of whole units on their way to a file. The arrays are reused once the sink has returned. */
export interface OutputBatch {
  readonly rowCount: number;
  /** Symbol code and rows of each unit; empty where the result has no key. */
  readonly units: readonly { readonly symbol: number; readonly rowCount: number }[];
  /** Event time of the rows; null where the result has no key. */
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

/** Where batches go: one file format behind each. */
export interface OutputSink {
  /**
   * May change the batch's arrays: NaN and infinities become what the format says for null. Late rows come after the
   * settled ones of their symbols, where a sink was asked to keep them apart.
   */
  write(batch: OutputBatch, isLate?: boolean): void;
  /** `states`: what a recursive function saved of each unit that has settled rows, one after the other. */
  close(states?: Float64Array): SinkResult;
}

export interface SinkOptions {
  readonly outDir: string;
  readonly outputs: readonly ResolvedColumn[];
  /** What the codes of batches stand for. */
  readonly symbols: readonly string[];
  readonly tsType: "date32" | "timestamp";
  /** Whether the result has `symbol` and `ts`. */
  readonly keyed: boolean;
  /** Whether rows are the function's own, so that column files need their times as well. */
  readonly ownRows: boolean;
  /** What symbols go on from; null where they all begin. */
  readonly resume: ResumedUnits | null;
}

/** Counts nulls and infinities per output over all batches. */
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
