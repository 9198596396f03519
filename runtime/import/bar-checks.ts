import type { ColumnType } from "../../shared/contract/columns.ts";
import type { Warning } from "../../shared/protocol/import-reasons.ts";

/** SQL conditions on those columns of a bar that exist. A comparison with a null does not hold. */
export interface BarChecks {
  readonly nonPositive: string | null;
  readonly highBelowLow: string | null;
  readonly openCloseOutside: string | null;
}

/** The checks that a row must pass to be a bar. */
export function barChecks(columns: ReadonlySet<string>, allowNonPositivePrices: boolean): BarChecks {
  const prices = ["open", "high", "low", "close"].filter((name) => columns.has(name));
  const outside = ["open", "close"]
    .filter((name) => columns.has(name))
    .flatMap((name) => rangeConditions(name, columns));
  return {
    // least() is three times slower.
    nonPositive:
      allowNonPositivePrices || prices.length === 0
        ? null
        : `(${prices.map((name) => `${name} <= 0`).join(" OR ")})`,
    highBelowLow: columns.has("high") && columns.has("low") ? "high < low" : null,
    openCloseOutside: outside.length === 0 ? null : `(${outside.join(" OR ")})`,
  };
}

/**
 * A single condition that holds for nearly every bar, and only for bars that pass all checks and have finite prices.
 * Where it holds, no other check is needed. Null if the bars lack one of the prices.
 */
export function soundBarSql(columns: ReadonlySet<string>, allowNonPositivePrices: boolean): string | null {
  if (!["open", "high", "low", "close"].every((name) => columns.has(name))) return null;
  const floor = allowNonPositivePrices ? "low > '-infinity'::FLOAT" : "low > 0";
  return `(${floor} AND high < 'infinity'::FLOAT AND open <= high AND open >= low AND "close" <= high AND "close" >= low)`;
}

/** The conditions for warnings about kept bars, except those about sessions. */
export function barWarnings(columns: ReadonlyMap<string, ColumnType>): Partial<Record<Warning, string>> {
  const prices = ["open", "high", "low", "close"].filter((name) => columns.has(name));
  // A float64 vwap is compared as float32 if the prices are float32: otherwise 10.1 is above a float32 of 10.1.
  const vwapSql = columns.get("high") === "float32" ? "CAST(vwap AS FLOAT)" : "vwap";
  const vwap = columns.has("vwap") ? rangeConditions(vwapSql, new Set(columns.keys())) : [];
  return {
    ...(vwap.length === 0 ? {} : { "vwap-outside-range": `(${vwap.join(" OR ")})` }),
    ...(prices.length === 0
      ? {}
      : { "null-price": `(${prices.map((name) => `${name} IS NULL`).join(" OR ")})` }),
    ...(columns.has("volume") ? { "negative-volume": "volume < 0" } : {}),
  };
}

function rangeConditions(name: string, columns: ReadonlySet<string>): string[] {
  return [
    ...(columns.has("high") ? [`${name} > high`] : []),
    ...(columns.has("low") ? [`${name} < low`] : []),
  ];
}
