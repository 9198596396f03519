import type {
  FeatureBatch,
  FeatureColumn,
  FeatureColumnType,
  FeatureColumnValues,
  FeatureValues,
  TsType,
} from "../../../../runtime/child/feature-parquet/index.ts";
import { type Judged, judged, type JudgedColumn } from "./judges.ts";

/** A table to write, which also says what readers must find. */
export interface Case {
  readonly tsType: TsType;
  readonly columns: readonly FeatureColumn[];
  readonly batches: readonly FeatureBatch[];
}

/** Numbers in [0, 1), the same on every run. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** One batch with the given rows per symbol; `ts` ascending per symbol unless given. */
export function batchOf(
  units: readonly (readonly [symbol: string, rowCount: number])[],
  columns: readonly FeatureColumnValues[],
  ts?: Int32Array | BigInt64Array,
): FeatureBatch {
  const days = units.flatMap(([, rowCount]) => Array.from({ length: rowCount }, (_, i) => 16_000 + i));
  return {
    units: units.map(([symbol, rowCount]) => ({ symbol, rowCount })),
    ts: ts ?? Int32Array.from(days),
    columns,
  };
}

const SPECIAL = [
  0,
  -0,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  1.7976931348623157e308,
  -1,
  1 / 3,
  NaN,
  Infinity,
];

/** Random values of a type; a share of them null (NaN for floats, some of them infinite). */
export function randomColumn(
  type: FeatureColumnType,
  rowCount: number,
  random: () => number,
  nullShare: number,
): FeatureColumnValues {
  const isNull = Array.from({ length: rowCount }, () => random() < nullShare);
  const valid = Uint8Array.from(isNull, (flag) => (flag ? 0 : 1));
  switch (type) {
    case "float64":
    case "float32": {
      const values = type === "float64" ? new Float64Array(rowCount) : new Float32Array(rowCount);
      for (let i = 0; i < rowCount; i++) {
        const pick = random();
        if (isNull[i] === true) values[i] = pick < 0.8 ? NaN : pick < 0.9 ? Infinity : -Infinity;
        else values[i] = pick < 0.05 ? SPECIAL[Math.floor(random() * 8)]! : (random() - 0.5) * 1e4;
        if (type === "float32" && isNull[i] === false && !Number.isFinite(values[i]!)) values[i] = 1;
      }
      return { values };
    }
    case "int32":
    case "date32":
      return {
        values: Int32Array.from({ length: rowCount }, () => Math.floor((random() - 0.5) * 2 ** 32)),
        valid,
      };
    case "int64":
    case "timestamp":
      return {
        values: BigInt64Array.from(
          { length: rowCount },
          () => BigInt(Math.floor((random() - 0.5) * 2 ** 53)) * 1023n,
        ),
        valid,
      };
    case "bool":
      return { values: Uint8Array.from({ length: rowCount }, () => (random() < 0.5 ? 1 : 0)), valid };
  }
}

export function judgedColumns({ tsType, columns }: Case): JudgedColumn[] {
  return [{ name: "symbol", type: "utf8" }, { name: "ts", type: tsType }, ...columns];
}

/** What every reader must see, computed without the encoder's code. */
export function expectedRows({ columns, batches }: Case): Judged {
  const result: Judged = { symbol: [], ts: [] };
  for (const batch of batches) {
    for (const { symbol, rowCount } of batch.units) {
      for (let i = 0; i < rowCount; i++) result["symbol"]!.push(symbol);
    }
    for (const at of batch.ts) result["ts"]!.push(String(at));
    columns.forEach(({ name, type }, index) => {
      const { values, valid } = batch.columns[index]!;
      const seen = (result[name] ??= []);
      for (let i = 0; i < values.length; i++) seen.push(expectedValue(type, values, valid, i));
    });
  }
  return result;
}

function expectedValue(
  type: FeatureColumnType,
  values: FeatureValues,
  valid: Uint8Array | undefined,
  row: number,
): string | null {
  const value = values[row]!;
  if (type === "float64" || type === "float32") return Number.isFinite(value) ? judged(value) : null;
  if (valid?.[row] === 0) return null;
  return type === "bool" ? String(value === 1) : String(value);
}
